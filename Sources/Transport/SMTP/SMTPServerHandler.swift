import Desk
import Gateway
import Logging
import MailTypes
import NIOCore
import OpenSSL
import SMTPProtocol
import TLS

/// One connection of the SMTP server: carries out what its session machine says, and decides nothing itself.
///
/// It is one handler on the connection's event loop and not, as elsewhere, a task of its own over an asynchronous
/// channel: a mail of 4 KiB is seven reads and writes, and at thousands of mails a second their hops between executors
/// would cost more than all else. The session is touched by nobody else, so it needs no lock here either.
final class SMTPServerHandler<Receiver: MailReceiver>: ChannelDuplexHandler, DeadlineHolder {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections of a listener share.
    struct Shared: Sendable {
        var receiver: Receiver
        var authenticator: (any Authenticator)?
        var tls: TLSContextHolder?
        var names: SessionNames
        var logger: Logger
    }

    enum Phase {
        case open
        /// The end is said and flushed; what still comes is thrown away until the client closes, too, since closing
        /// over unread octets resets the connection and may take the last reply with it.
        case lingering
        case closed
    }

    let shared: Shared
    let entry: ConnectionEntry
    private let name: String
    private let isTLSFirst: Bool
    var session: SMTPServerSession
    private var input = ByteBuffer()
    private var output = ByteBuffer()
    private var content: Receiver.Content?
    private(set) var visit: Visit?
    /// The connection as filters see it, and the mail of it that they were told of.
    var filtered: FilteredConnection?
    var hasFilteredMail = false
    /// Mails that were begun.
    private(set) var mails = 0
    private var agent: AgentID?
    /// Recipients beyond the limit of a mail, of which not all are written down.
    var surplus = (mail: 0, recipients: 0)
    /// The envelope of the mail under way, or of the last one, as far as its recipients were asked for.
    private(set) var addressed: Envelope?
    private(set) var tls: TLSDetails?
    /// What a login can be bound to, once TLS is on.
    private var bindings: ChannelBindings?
    private var saslExchange: (any SASLExchange)?
    private(set) var context: ChannelHandlerContext?
    private(set) var phase = Phase.open
    private var isAdvancing = false
    private var isInputClosed = false
    private var isReadPaused = false
    private var isReadHeld = false
    /// The greeting is said, or the wait for it.
    private var isGreeted = false
    private var greeting: Scheduled<Void>?
    private var transactionDeadline: NIODeadline?
    private(set) var deadline = NIODeadline.distantFuture

    /// Octets that may wait while the session waits for an answer: a client that pipelines is stopped there.
    private static var maximumWaitingOctets: Int { 65536 }
    private static var lingerTime: TimeAmount { .seconds(2) }

    /// `isTLSFirst`: a `TLSHandler` stands before this one from the start.
    init(shared: Shared, configuration: SMTPServerSession.Configuration, entry: ConnectionEntry, isTLSFirst: Bool) {
        (self.shared, self.entry, self.isTLSFirst) = (shared, entry, isTLSFirst)
        session = SMTPServerSession(configuration: configuration, isSecured: isTLSFirst)
        name = shared.names.next()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output = context.channel.allocator.buffer(capacity: 256)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    // MARK: What the channel says

    func channelActive(context: ChannelHandlerContext) {
        if watch != nil { visit = shared.receiver.visit(from: entry.address.address) }
        filtered = shared.receiver.filtered()
        if !isTLSFirst { greetInTime(context.eventLoop) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = phase else { return }
        guard isGreeted else { return spokeEarly() }
        var octets = unwrapInboundIn(data)
        if input.readableBytes == 0 {
            input = octets
        } else {
            input.writeBuffer(&octets)
        }
        advance(nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { flush() }

    /// Reads are held back while nothing can be done with what they bring.
    func read(context: ChannelHandlerContext) {
        if isReadPaused { isReadHeld = true } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSEvent.handshakeCompleted(let details): tlsEstablished(details)
        case ChannelEvent.inputClosed: inputClosed()
        case is ChannelShouldQuiesceEvent:
            if case .open = phase { settle(session.shutdown()) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.info(
            "connection failed", metadata: metadata(LogKey.failure, "\(error)"))
        close()
    }

    func channelInactive(context: ChannelHandlerContext) { ended() }

    func deadlinePassed() {
        deadline = .distantFuture
        switch phase {
        case .open: settle(session.timedOut())
        case .lingering: close()
        case .closed: break
        }
    }

    /// A stranger waits for the greeting for a moment.
    private func greetInTime(_ eventLoop: any EventLoop) {
        guard let abuse = watch, abuse.greetingDelay > .zero else { return greet() }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        greeting = eventLoop.scheduleTask(in: TimeAmount(abuse.greetingDelay)) { bound.value.greet() }
    }

    private func greet() {
        guard case .open = phase, !isGreeted else { return }
        guard filtered != nil else { return greet(unless: nil) }
        let port = context?.channel.remoteAddress?.port.flatMap(UInt16.init(exactly:))
        askFilters(.connection(entry.address.address, port: port, name: visit?.knownName)) { $0.greet(unless: $1) }
    }

    private func greet(unless refusal: FilterRefusal?) {
        guard !isGreeted else { return }
        isGreeted = true
        guard let refusal else { return settle(session.connected()) }
        note("client refused", refusal)
        settle(session.connectionRefused(refusal.reply))
    }

    private func spokeEarly() {
        isGreeted = true
        settle(session.spokeEarly())
    }

    private func tlsEstablished(_ details: TLSDetails) {
        tls = details
        if session.configuration.mechanisms.contains(.scramPlus) {
            bindings = context.flatMap { ChannelBindings(of: $0.pipeline) }
        }
        session.bindsChannels = bindings != nil
        guard case .open = phase else { return }
        if isTLSFirst { return greet() }
        guard case .handshake = session.expectation else { return }
        session.tlsEstablished(bindsChannels: bindings != nil)
        agent = nil
        settle(nil)
    }

    /// The client says no more, but may still listen: a mail that is being filed is answered.
    private func inputClosed() {
        isInputClosed = true
        guard case .open = phase else { return close() }
        if case .answer = session.expectation { return }
        close()
    }

    /// The connection is gone.
    private func ended() {
        phase = .closed
        greeting?.cancel()
        deadline = .distantFuture
        forgetContent()
        filtered?.end()
        input = ByteBuffer()
    }

    // MARK: Performing

    /// An answer, a timer or an event brought an action: perform it and what follows, then flush.
    func settle(_ action: SMTPServerSession.Action?) {
        advance(action)
        flush()
        if isInputClosed, case .open = phase {
            if case .answer = session.expectation { return }
            close()
        }
    }

    /// Performs an action, then all that the input brings, until the session needs more or waits for an answer.
    private func advance(_ action: SMTPServerSession.Action?) {
        guard !isAdvancing else { preconditionFailure("an action was performed within an action") }
        isAdvancing = true
        var next = action
        var didSomething = false
        while case .open = phase {
            if next == nil, content?.isStalled == true { break }
            if next == nil { session.now = shared.receiver.now }
            let action = next ?? session.receive(&input)
            if case .needMoreInput = action { break }
            next = perform(action)
            didSomething = true
        }
        isAdvancing = false
        if hasFilteredMail, !session.isInTransaction { endFilteredMail() }
        if input.readableBytes == 0 { input = ByteBuffer() }
        setPause()
        setDeadline(isNew: didSomething)
    }

    /// Carries out one action; the session's next one, if it follows at once.
    private func perform(_ action: SMTPServerSession.Action) -> SMTPServerSession.Action? {
        switch action {
        case .needMoreInput: break
        case .reply(let reply): write(reply)
        case .refuse(let reply, let envelope):
            write(reply)
            noteRefused(reply, envelope)
        case .verifyGreeting(let name):
            forgetContent()
            return verify(greeting: name)
        case .verifySender(let sender, declaredSize: _): return verify(sender)
        case .verifyRecipient(let recipient): return verify(recipient)
        case .verifyContent(let envelope): return verify(content: envelope)
        case .content(let octets):
            let content = self.content ?? makeContent(for: session.envelope ?? Envelope(reversePath: nil))
            octets.withUnsafeReadableBytes { content.append($0) }
        case .contentEnded(let envelope, _): accept(envelope)
        case .discardContent(let reply):
            forgetContent()
            write(reply)
            guard reply.code.severity >= 4 else { break }
            shared.logger.info("mail refused", metadata: metadata(LogKey.reply, "\(reply)", addressed))
            if let addressed { shared.receiver.noteRefusal(reply, of: addressed, peer: peer) }
        case .authenticate(let credentials): authenticate(credentials)
        case .exchange(let response): exchange(response)
        case .startTLS(let reply):
            write(reply)
            flush()
            startTLS()
        case .close(let reply):
            noteEnd(reply)
            end(reply)
        }
        return nil
    }

    private func forgetContent() {
        content?.abandon()
        content = nil
    }

    /// Who watches a stranger on the port for mail from outside.
    var watch: AbuseGuard? {
        guard session.configuration.role == .mx, let abuse = entry.abuse, !abuse.isAllowed(entry.address.address) else {
            return nil
        }
        return abuse
    }

    /// Whether the peer, or whoever logged in, asks for too much.
    private func limit(_ measure: RateLedger.Measure) -> Reply? {
        if let agent { return entry.abuse?.asks(measure, from: agent) }
        return watch?.asks(measure, from: entry.address.address)
    }

    /// `nil`: the answer comes later.
    private func verify(_ sender: EmailAddress?) -> SMTPServerSession.Action? {
        mails += 1
        // Mails that are pipelined one behind the other have their time each.
        transactionDeadline = nil
        addressed = Envelope(reversePath: sender)
        if let refusal = shared.receiver.admission() {
            let envelope = Envelope(reversePath: sender)
            shared.logger.notice("no room for mail", metadata: metadata(LogKey.reply, "\(refusal)", envelope))
            // Not each of them: the database may be what has no room.
            if watch?.mustNote(entry.address.address) != false {
                shared.receiver.noteRefusal(refusal, of: envelope, peer: peer)
            }
            return session.senderVerified(.refused(refusal))
        }
        if let refusal = limit(.mail) {
            let envelope = Envelope(reversePath: sender)
            shared.logger.info("sender refused", metadata: metadata(LogKey.reply, "\(refusal)", envelope))
            shared.receiver.noteRefusal(refusal, of: envelope, peer: peer)
            return session.senderVerified(.refused(refusal))
        }
        let verdict = shared.receiver.verify(sender: sender, agent: agent)
        if case .refused(let refusal) = verdict {
            let envelope = Envelope(reversePath: sender)
            shared.logger.info("sender refused", metadata: metadata(LogKey.reply, "\(refusal)", envelope))
            shared.receiver.noteRefusal(refusal, of: envelope, peer: peer)
        }
        guard case .accepted = verdict, filtered != nil else { return session.senderVerified(verdict) }
        return askFilters(about: sender)
    }

    /// `nil`: the answer comes later.
    private func verify(_ recipient: SMTPServerSession.Recipient) -> SMTPServerSession.Action? {
        if let refusal = limit(.recipient) { return verified(recipient, .refused(refusal)) }
        guard let context else { preconditionFailure("a recipient came after the connection's end") }
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let question = RecipientQuestion(
            recipient: recipient, agent: agent, envelope: session.envelope ?? Envelope(reversePath: nil), visit: visit)
        let verdict = shared.receiver.verify(question) { verdict in
            eventLoop.execute { bound.value.answered(recipient, verdict) }
        }
        return verdict.flatMap { hesitated(recipient, $0) }
    }

    private func answered(_ recipient: SMTPServerSession.Recipient, _ verdict: SMTPServerSession.RecipientVerdict) {
        guard case .open = phase, let action = hesitated(recipient, verdict) else { return }
        settle(action)
    }

    /// Whoever tries out addresses waits longer for each: `nil`, the answer comes later.
    private func hesitated(
        _ recipient: SMTPServerSession.Recipient, _ verdict: SMTPServerSession.RecipientVerdict
    ) -> SMTPServerSession.Action? {
        guard case .refused(let reply) = verdict, reply.status == EnhancedStatus(5, 1, 1), let watch, let context else {
            return verified(recipient, verdict)
        }
        let delay = watch.askedForUnknown(from: entry.address.address)
        guard delay > .zero else { return verified(recipient, verdict) }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: TimeAmount(delay)) { bound.value.verifiedLater(recipient, verdict) }
        return nil
    }

    private func verifiedLater(_ recipient: SMTPServerSession.Recipient, _ verdict: SMTPServerSession.RecipientVerdict) {
        guard case .open = phase, let action = verified(recipient, verdict) else { return }
        settle(action)
    }

    /// `nil`: filters are asked, too.
    private func verified(
        _ recipient: SMTPServerSession.Recipient, _ verdict: SMTPServerSession.RecipientVerdict
    ) -> SMTPServerSession.Action? {
        guard case .accepted(let address) = verdict, filtered != nil else {
            return finished(recipient, verdict)
        }
        askFilters(.recipient(address)) { handler, refusal in
            handler.settle(
                handler.finished(
                    recipient, refusal.map { .refused($0.reply) } ?? verdict, by: refusal))
        }
        return nil
    }

    private func finished(
        _ recipient: SMTPServerSession.Recipient, _ verdict: SMTPServerSession.RecipientVerdict, by refusal: FilterRefusal? = nil
    ) -> SMTPServerSession.Action {
        let reversePath = session.envelope?.reversePath
        if case .refused(let reply) = verdict {
            var refused = Envelope(reversePath: reversePath)
            if case .address(let address) = recipient { refused.recipients = [address] }
            shared.receiver.noteRefusal(reply, because: refusal?.cause, of: refused, peer: peer)
            var facts = metadata(LogKey.reply, "\(reply)", refused)
            facts[LogKey.filter] = refusal.map { "\($0.filter)" }
            facts[LogKey.cause] = refusal.map { "\($0.cause)" }
            shared.logger.info("recipient refused", metadata: facts)
        }
        let action = session.recipientVerified(verdict)
        // Only what was accepted is addressed, and of a session that is over nothing is known any more.
        if let envelope = session.envelope { addressed = envelope }
        return action
    }

    private func makeContent(for envelope: Envelope) -> Receiver.Content {
        guard let context else { preconditionFailure("content came after the connection's end") }
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let content = shared.receiver.makeContent(for: envelope, peer: peer) {
            eventLoop.execute { bound.value.drained() }
        }
        self.content = content
        return content
    }

    private func drained() {
        if case .open = phase { settle(nil) }
    }

    private func accept(_ envelope: Envelope) {
        guard let context else { preconditionFailure("content ended after the connection's end") }
        let content = self.content ?? makeContent(for: envelope)
        self.content = nil
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        shared.receiver.accept(content, envelope: envelope, agent: agent, peer: peer) { reply in
            eventLoop.execute { bound.value.contentSettled(reply) }
        }
    }

    private func contentSettled(_ reply: Reply) {
        guard case .open = phase else {
            shared.logger.info("client left before the reply", metadata: metadata(LogKey.reply, "\(reply)"))
            return
        }
        settle(session.contentSettled(reply))
    }

    var peer: Peer {
        let keyword = session.protocolKeyword
        return Peer(
            address: entry.address.description, helo: session.clientName ?? "", isESMTP: keyword != "SMTP",
            tls: tls.map { Peer.TLS(version: $0.version, cipher: $0.cipher) },
            isAuthenticated: session.isAuthenticated, sessionID: name, mail: max(1, mails), visit: visit,
            filtered: filtered)
    }

    // MARK: Login and TLS

    private func authenticate(_ credentials: Credentials) {
        guard let context else { preconditionFailure("a login came after the connection's end") }
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let isOwn =
            credentials.authorizationIdentity.isEmpty || credentials.authorizationIdentity == credentials.login
        guard let authenticator = guardedAuthenticator(eventLoop), isOwn else {
            return eventLoop.execute { bound.value.authenticationSettled(nil, login: credentials.login) }
        }
        authenticator.authenticate(login: credentials.login, password: Array(credentials.password.utf8)) { agent in
            eventLoop.execute { bound.value.authenticationSettled(agent, login: credentials.login) }
        }
    }

    /// The next step of a login in several (RFC 7677).
    private func exchange(_ response: SASLResponse) {
        guard let context else { preconditionFailure("a login came after the connection's end") }
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        if response.isFirst {
            saslExchange = guardedAuthenticator(eventLoop)?.scram(
                isBound: response.mechanism == .scramPlus, bindings: bindings)
        }
        guard let saslExchange else {
            return eventLoop.execute { bound.value.authenticationSettled(nil, login: "") }
        }
        saslExchange.respond(response.octets) { step in
            eventLoop.execute { bound.value.exchanged(step) }
        }
    }

    private func guardedAuthenticator(_ eventLoop: any EventLoop) -> (any Authenticator)? {
        shared.authenticator.map { base in
            entry.abuse?.watching(base, entry.address, eventLoop, shared.logger) ?? base
        }
    }

    private func exchanged(_ step: SASLStep) {
        guard case .open = phase else { return }
        switch step {
        case .challenge(let challenge): return settle(session.authenticationContinued(challenge))
        case .succeeded(let agent, let login): authenticationSettled(agent, login: login)
        case .failed(.malformed, let login):
            shared.logger.notice("login refused", metadata: metadata(LogKey.login, "\(login ?? "")"))
            settle(session.authenticationSettled(.malformed))
        case .failed(_, let login): authenticationSettled(nil, login: login ?? "")
        }
        saslExchange = nil
    }

    private func authenticationSettled(_ agent: AgentID?, login: String) {
        guard case .open = phase else { return }
        if agent == nil {
            shared.logger.notice("login refused", metadata: metadata(LogKey.login, "\(login)"))
        } else {
            entry.loggedIn()
        }
        self.agent = agent
        settle(session.authenticationSettled(agent == nil ? .refused : .accepted))
    }

    private func startTLS() {
        guard let context, let holder = shared.tls else { return close() }
        do {
            try context.pipeline.syncOperations.addHandler(TLSHandler(server: holder.current), position: .first)
        } catch {
            close()
        }
    }

    // MARK: Writing and ending

    private func write(_ reply: Reply) {
        reply.write(into: &output)
        if shared.logger.logLevel <= .trace {
            shared.logger.trace("reply", metadata: metadata(LogKey.reply, "\(reply)"))
        }
    }

    private func flush() {
        guard output.readableBytes > 0, let context else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        output.clear()
    }

    private func end(_ reply: Reply?) {
        if let reply { write(reply) }
        flush()
        forgetContent()
        // Only a client that we shut out may be in the middle of a sentence.
        guard let reply, reply.code.severity >= 4, !isInputClosed, let context else { return close() }
        shared.logger.info("session ended", metadata: metadata(LogKey.reply, "\(reply)"))
        phase = .lingering
        context.close(mode: .output, promise: nil)
    }

    private func close() {
        guard phase != .closed, let context else { return }
        phase = .closed
        deadline = .distantFuture
        context.close(promise: nil)
    }

    private func setPause() {
        let isStalled = content?.isStalled == true
        isReadPaused =
            phase == .open && (isStalled || input.readableBytes > Self.maximumWaitingOctets && isAwaitingAnswer)
        if isReadHeld, !isReadPaused {
            isReadHeld = false
            context?.read()
        }
    }

    private var isAwaitingAnswer: Bool {
        if case .answer = session.expectation { return true }
        return false
    }

    /// A command line must be whole in time, however many pieces it comes in; of content every piece counts, within the
    /// time of the transaction.
    private func setDeadline(isNew: Bool) {
        guard phase == .open else {
            deadline = phase == .lingering ? .now() + Self.lingerTime : .distantFuture
            return
        }
        let expectation = session.expectation
        guard expectation == .command || expectation == .content else {
            deadline = .distantFuture
            return
        }
        let now = NIODeadline.now()
        if session.isInTransaction || expectation == .content {
            if transactionDeadline == nil {
                transactionDeadline = now + TimeAmount(session.configuration.transactionTimeout)
            }
        } else {
            transactionDeadline = nil
        }
        guard isNew || expectation == .content || deadline == .distantFuture else { return }
        deadline = min(now + TimeAmount(session.configuration.commandTimeout), transactionDeadline ?? .distantFuture)
    }

    /// `envelope`: of the mail that it is about.
    func metadata(_ key: String, _ value: Logger.MetadataValue, _ envelope: Envelope? = nil) -> Logger.Metadata {
        var facts: Logger.Metadata = [LogKey.session: "\(name)", LogKey.peer: "\(entry.address)", key: value]
        if let envelope { facts.merge(envelope.metadata) { $1 } }
        return facts
    }
}
