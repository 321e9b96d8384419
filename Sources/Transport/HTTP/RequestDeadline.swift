import NIOCore

/// Closes an HTTP connection that takes too long from one response to the next, whatever it spends the time with: saying
/// nothing, sending a request octet by octet, or not taking a response.
final class RequestDeadline: ChannelOutboundHandler, DeadlineHolder {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let time: TimeAmount
    private var context: ChannelHandlerContext?
    private(set) var deadline: NIODeadline

    init(_ time: TimeAmount) {
        self.time = time
        deadline = .now() + time
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        deadline = .distantFuture
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        deadline = .now() + time
        context.write(data, promise: promise)
    }

    func deadlinePassed() {
        deadline = .distantFuture
        context?.close(promise: nil)
    }
}
