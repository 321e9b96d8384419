package import NIOCore

/// A connection that may become due for something: the sweep looks at it.
package protocol DeadlineHolder: AnyObject {
    /// When `deadlinePassed` is to be called; `.distantFuture`: not now.
    var deadline: NIODeadline { get }
    /// The deadline is over. Sets a new one, or closes the connection.
    func deadlinePassed()
}

/// The connections of one server on one event loop; used on that loop only.
///
/// Deadlines are looked at by one sweep for all connections: a command that moves its deadline writes a variable, and
/// no timer is made, moved or cancelled for it. So a deadline can be late by `resolution`.
final class LoopConnections {
    private struct Connection {
        var channel: any Channel
        var holder: (any DeadlineHolder)?
    }

    private let eventLoop: any EventLoop
    private let resolution: TimeAmount
    private var live: [ObjectIdentifier: Connection] = [:]
    private var sweep: RepeatedTask?
    private var isQuiescing = false
    private var emptied: [EventLoopPromise<Void>] = []

    init(eventLoop: any EventLoop, resolution: TimeAmount = .seconds(1)) {
        (self.eventLoop, self.resolution) = (eventLoop, resolution)
    }

    /// Watches a connection until it is removed.
    func add(_ channel: any Channel) {
        live[ObjectIdentifier(channel)] = Connection(channel: channel, holder: nil)
        guard sweep == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: resolution, delay: resolution) { _ in
            bound.value.sweepNow()
        }
    }

    /// The connection's handlers stand: one that came while the server ends is told so.
    func didSetUp(_ channel: any Channel) {
        if isQuiescing { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Has a connection's deadline watched from now on.
    func watch(_ channel: any Channel, _ holder: any DeadlineHolder) {
        live[ObjectIdentifier(channel)]?.holder = holder
    }

    /// The connection is gone.
    func remove(_ channel: any Channel) {
        live[ObjectIdentifier(channel)] = nil
        if live.isEmpty { becameEmpty() }
    }

    /// Asks every connection, those that come included, to end when its work under way is done
    /// (`ChannelShouldQuiesceEvent`). The promise succeeds when none is left.
    func quiesce(_ promise: EventLoopPromise<Void>) {
        isQuiescing = true
        emptied.append(promise)
        for connection in Array(live.values) {
            connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        if live.isEmpty { becameEmpty() }
    }

    /// Closes what is left.
    func closeAll() {
        for connection in Array(live.values) { connection.channel.close(promise: nil) }
    }

    private func sweepNow() {
        let now = NIODeadline.now()
        for connection in Array(live.values) {
            if let holder = connection.holder, holder.deadline <= now { holder.deadlinePassed() }
        }
        if live.isEmpty {
            sweep?.cancel()
            sweep = nil
        }
    }

    private func becameEmpty() {
        let promises = emptied
        emptied = []
        for promise in promises { promise.succeed(()) }
    }
}
