import Dispatch

/// Runs until it is done, and only then goes on: libFuzzer knows no tasks.
package func waitFor(_ body: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        await body()
        done.signal()
    }
    done.wait()
}
