import Glibc

/// Binds libFuzzer's two calls to the target that the environment names.
package enum FuzzEntry {
    nonisolated(unsafe) private static var target: FuzzTarget?

    /// Chooses the target, or says which there are.
    package static func choose(_ targets: [FuzzTarget]) {
        let wanted = getenv("FUZZ_TARGET").map { String(cString: $0) }
        target = targets.first { $0.name == wanted }
        guard target == nil else { return }
        for target in targets { print(target.name, target.longest) }
        exit(wanted == "list" ? 0 : 64)
    }

    /// Runs the target once.
    package static func run(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        target?.run(FuzzInput(Array(UnsafeBufferPointer(start: start, count: count))))
        return 0
    }
}
