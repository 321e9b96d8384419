import MilterProtocol
import NIOCore

/// One connection to a filter: carries out what its session machine says. Belongs to its event loop.
final class MilterConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A question with what belongs to it.
    struct Inquiry: Sendable {
        var question: MilterQuestion
        var macros: [MilterMacro] = []
        /// The next piece of the body from an offset on, at most so many octets; empty at the end.
        var body: @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8] = { _, _ in [] }
        var deadline: Duration
    }

    private struct Asked {
        var inquiry: Inquiry
        var offset = 0
        var promise: EventLoopPromise<MilterVerdict>
        var timer: Scheduled<Void>
        /// Tells a piece of its body from one of an earlier mail that was given up.
        var number: Int
        /// The filter has nothing to say before the next piece of the body is there.
        var isAwaitingBody = false
        /// A piece of the body is being read. Whatever a filter says meanwhile, it is not read twice.
        var isReading = false
        /// Nobody waits for the answer any more.
        var isGivenUp = false
    }

    private let eventLoop: any EventLoop
    private var session = MilterSession()
    private var reader = MilterPacketReader()
    private var asked: Asked?
    private var inquiries = 0
    private var context: ChannelHandlerContext?
    private var isLost = false

    /// What a filter may say without being asked.
    private static let maximumWaitingOctets = 2 * MilterPacketReader.maximumLength
    /// How long a filter may still take to answer what nobody waits for.
    private static let patience = TimeAmount.seconds(2)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    // MARK: What the channel says

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(MilterFault.closed)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data).readableBytesView)
        advance()
        if reader.waitingOctets > Self.maximumWaitingOctets {
            fail(MilterFault.badPacketLength(reader.waitingOctets))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error) }

    func channelInactive(context: ChannelHandlerContext) { fail(MilterFault.closed) }

    // MARK: Asking

    /// Asks; the promise hears the answer, or why there is none, after which the connection is of no use.
    func ask(_ inquiry: Inquiry, _ promise: EventLoopPromise<MilterVerdict>) {
        guard !isLost, context != nil else { return promise.fail(MilterFault.closed) }
        inquiries += 1
        asked = Asked(inquiry: inquiry, promise: promise, timer: startTimer(inquiry), number: inquiries)
        session.ask(inquiry.question, macros: inquiry.macros)
        advance()
    }

    private func startTimer(_ inquiry: Inquiry) -> Scheduled<Void> { startTimer(TimeAmount(inquiry.deadline)) }

    private func startTimer(_ time: TimeAmount) -> Scheduled<Void> {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return eventLoop.scheduleTask(in: time) { bound.value.fail(Overdue()) }
    }

    /// The mail under way comes to nothing.
    func abort() {
        guard asked == nil, !isLost else { return }
        session.abort()
        if case .send(let octets) = session.next() { write(octets) }
    }

    /// Ends the connection politely.
    func quit() {
        guard asked == nil, !isLost, let context else { return fail(MilterFault.closed) }
        isLost = true
        session.quit()
        guard case .send(let octets) = session.next() else { return context.close(promise: nil) }
        let bound = NIOLoopBound(context, eventLoop: eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: octets)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }

    /// Nobody waits for the answer any more. Where the question is about a mail, the connection is still good for the next
    /// one, once the filter has said what it owes.
    func giveUp() {
        guard let asked else { return }
        guard case .mail = asked.inquiry.question else { return fail(MilterFault.closed) }
        if asked.isAwaitingBody { return takeBack(CancellationError()) }
        asked.timer.cancel()
        self.asked?.timer = startTimer(Self.patience)
        self.asked?.isGivenUp = true
    }

    /// The body breaks off, and the mail with it.
    private func takeBack(_ cause: any Error) {
        guard let asked else { return }
        guard session.isBodyAsked else { return fail(cause) }
        self.asked = nil
        asked.timer.cancel()
        session.takeBack()
        if case .send(let octets) = session.next() { write(octets) }
        asked.promise.fail(TakenBack(cause: cause))
    }

    private func advance() {
        do throws(MilterFault) {
            while let asked, !isLost {
                switch session.next() {
                case .send(let octets): write(octets)
                case .receive:
                    guard let packet = try reader.next() else { return }
                    try session.take(packet)
                case .readBody: return readBody(asked)
                case .answer(let verdict):
                    asked.timer.cancel()
                    self.asked = nil
                    asked.promise.succeed(verdict)
                case .nothing: return
                }
            }
        } catch {
            fail(error)
        }
    }

    private func write(_ octets: [UInt8]) {
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: octets)), promise: nil)
    }

    /// The next piece is read when what was written before has gone to the filter.
    private func readBody(_ asked: Asked) {
        guard let context, self.asked?.isReading == false else { return }
        if asked.isGivenUp { return takeBack(CancellationError()) }
        self.asked?.isReading = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let (inquiry, offset, number, eventLoop) = (asked.inquiry, asked.offset, asked.number, eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenSuccess {
            guard let asked = bound.value.asked, asked.number == number else { return }
            if asked.isGivenUp { return bound.value.takeBack(CancellationError()) }
            // How long a client takes to bring the next piece is not the filter's time.
            asked.timer.cancel()
            bound.value.asked?.isAwaitingBody = true
            Task {
                let piece: Result<[UInt8], any Error>
                do {
                    piece = .success(try await inquiry.body(offset, MilterSession.maximumPiece))
                } catch {
                    piece = .failure(error)
                }
                eventLoop.execute { bound.value.supplied(piece, number) }
            }
        }
    }

    private func supplied(_ piece: Result<[UInt8], any Error>, _ number: Int) {
        guard let asking = asked, asking.number == number else { return }
        asked?.isReading = false
        switch piece {
        case .success(let octets):
            asked?.isAwaitingBody = false
            asked?.offset += octets.count
            asked?.timer = startTimer(asking.inquiry)
            session.supply(octets.isEmpty ? nil : octets)
            advance()
        case .failure(let error): takeBack(error)
        }
    }

    /// The connection is of no use any more.
    private func fail(_ error: any Error) {
        let asked = self.asked
        self.asked = nil
        asked?.timer.cancel()
        if !isLost {
            isLost = true
            context?.close(promise: nil)
        }
        asked?.promise.fail(error)
    }

    /// A question was taken back; the connection is as good as before.
    struct TakenBack: Error, CustomStringConvertible {
        let cause: any Error
        var description: String { "the mail broke off: \(cause)" }
    }

    struct Overdue: Error, CustomStringConvertible {
        let description = "it took too long"
    }
}
