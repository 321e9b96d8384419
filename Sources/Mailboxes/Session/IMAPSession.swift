package import Desk
package import Gateway
package import IMAPProtocol
import MailTypes
package import NIOCore

/// An IMAP session of an agent (RFC 3501): commands in, responses out, one command at a time. It belongs to the task
/// that drives it and is seen by no other.
///
///     let session = IMAPSession(services: services, configuration: configuration, sink: sink, isSecure: false) { delay in … }
///     try await session.start()                         // the greeting
///     switch try await session.received(octets) { … }   // for everything that arrives
///     try await session.woken()                         // as often as `wake` asked for it
///     session.ended()                                   // once, however it ended
package final class IMAPSession {
    /// What the driver does next.
    package enum Next: Sendable {
        case goOn
        /// The OK is written: begin TLS, then call `tlsStarted()`.
        case startTLS
        /// The last words are written: close.
        case close
    }

    enum Phase {
        case ready
        /// AUTHENTICATE waits for the client's response; without an exchange it is PLAIN's only one.
        case authenticating(tag: String, (any SASLExchange)?)
        case idling(tag: String)
        case appending(AppendProgress)
        case startingTLS
        case closed
    }

    let services: SessionServices
    let configuration: SessionConfiguration
    let sink: any ResponseSink
    let notices: Notices

    var decoder = CommandDecoder(limits: .unauthenticated)
    var writer = ResponseWriter()
    var phase = Phase.ready
    var isSecure: Bool
    /// What a login can be bound to, under TLS.
    var channelBindings: ChannelBindings?
    /// The agent who logged in.
    package internal(set) var agent: AgentID?
    /// Capabilities that the account does without, as they were at login.
    var switchedOff: Set<Capability> = []
    var selected: SelectedMailbox?
    /// CONDSTORE was enabled, by name or by use (RFC 7162 §3.1).
    var usesModSequences = false
    /// QRESYNC was enabled: what goes is told by UID (RFC 7162 §3.2.10).
    var usesVanished = false
    /// The client was told a lower mod-sequence than there is, since something that went is not told yet.
    var isHeldBack = false

    /// IMAP4rev2 was enabled.
    var isRev2: Bool { writer.isRev2 }
    /// What SELECT has to say of the name under which a mailbox is selected.
    var selectedName: SelectedName?
    /// What NOTIFY asked for; `nil`: it was not used yet.
    var notify: Notifications?
    /// Messages went that this command was to make go: told even if NOTIFY asked for nothing.
    var tellsOwnRemovals = false

    /// Since when news wait, and whether they may during the command that is carried out.
    var newsSince: Timestamp?
    var mayNewsWait = false

    /// Flags that are to be told, and whether messages came that were not told of.
    var pendingFlags = PendingFlags()
    var hasArrivals = false

    /// Of the command that is carried out.
    private(set) var progress: CommandProgress?
    private var agentSubscription: AgentSubscription?
    private var refusedLogins = 0
    private var badCommands = 0
    private var lastAnnouncement: ContinuousClock.Instant?
    private var announcementPause = Duration.zero
    private var isEnded = false

    private struct AgentSubscription { var cancel: () -> Void }

    /// `wake` must bring a call of `woken()` after the delay; it is called from any thread, and calls may be merged.
    package init(
        services: SessionServices, configuration: SessionConfiguration, sink: any ResponseSink, isSecure: Bool,
        channelBindings: ChannelBindings? = nil, wake: @escaping @Sendable (Duration) -> Void
    ) {
        (self.services, self.configuration, self.sink, self.isSecure) = (services, configuration, sink, isSecure)
        self.channelBindings = channelBindings
        notices = Notices(wake: wake)
    }

    // MARK: - Inputs

    /// The greeting (RFC 3501 §7.1).
    package func start() async throws {
        writer.status(.ok("\(configuration.hostName) Stempel ready", .capability(capabilities)))
        try await flush()
    }

    /// Octets arrived; carries out every command in them.
    package func received(_ octets: ByteBuffer) async throws -> Next {
        decoder.receive(octets)
        while let event = decoder.next() {
            try await handle(event)
            switch phase {
            case .closed:
                try await flush()
                return .close
            case .startingTLS:
                try await flush()
                return .startTLS
            // Of many small commands in one read none waits for the last.
            case .ready, .authenticating, .idling, .appending: try await flushIfLarge()
            }
        }
        try await flush()
        return .goOn
    }

    /// TLS runs now: whatever was said before counts no more (RFC 3501 §6.2.1).
    package func tlsStarted(_ channelBindings: ChannelBindings? = nil) {
        (isSecure, self.channelBindings) = (true, channelBindings)
        phase = .ready
    }

    /// Something changed, or time passed.
    package func woken() async throws -> Next {
        if notices.takeRosterDirty() { try checkAccount() }
        if isListening { try await announceUnasked() }
        if case .closed = phase {
            try await flush()
            return .close
        }
        try await flush()
        return .goOn
    }

    /// Keeps an idling connection open through firewalls; nothing for others.
    package func keepAlive() async throws {
        guard isListening else { return }
        writer.status(.ok("Still here"))
        try await flush()
    }

    /// Says BYE: the server stops, or the client was silent for too long. Nothing may follow.
    package func close(_ text: String, _ code: ResponseCode? = nil) async throws {
        bye(text, code)
        try await flush()
    }

    /// Whether the client listens, by IDLE or between commands by NOTIFY: a longer silence is no reason to close then.
    package var isListening: Bool {
        switch phase {
        case .idling: true
        case .ready: notify?.plan.isActive == true
        case .authenticating, .appending, .startingTLS, .closed: false
        }
    }

    /// The connection is over. Must be called exactly once.
    package func ended() {
        guard !isEnded else { return }
        isEnded = true
        deselect()
        replaceNotifications(nil)
        agentSubscription?.cancel()
        agentSubscription = nil
        if case .appending(let progress) = phase { abandon(progress) }
        if let agent {
            services.accounts.release(agent)
            services.next?.disconnected(agent)
        }
    }

    // MARK: - Events

    private func handle(_ event: CommandEvent) async throws {
        switch event {
        case .command(let tag, let command): try await run(command, tag: tag)
        case .continuationRequested:
            writer.continuation()
            try await flush()
        case .appendBegan(let tag, let command): try await appendBegan(command, tag: tag)
        case .appendContinued(let message): try await appendContinued(message)
        case .appendOctets(let octets): try await appendReceived(octets)
        case .appendEnded: try await appendEnded()
        case .appendAborted(let response): appendAborted(response)
        case .idleDone:
            guard case .idling(let tag) = phase else { return refuse(tag: nil, .bad("There is no IDLE to end")) }
            notices.setIdling(false)
            phase = .ready
            try await end(tag, .ok("IDLE ended"))
        case .authenticationResponse(let credential):
            guard case .authenticating(let tag, let exchange) = phase else {
                return refuse(tag: nil, .bad("That is no command"))
            }
            phase = .ready
            if let exchange { return try await respond(credential.octets, to: exchange, tag: tag) }
            try await logIn(plain: credential, tag: tag)
        case .authenticationCancelled:
            guard case .authenticating(let tag, _) = phase else { return refuse(tag: nil, .bad("That is no command")) }
            phase = .ready
            writer.status(tag: tag, .bad("Authentication cancelled"))
        case .refused(let tag, let response):
            if case .authenticating(let authentication, _) = phase, tag == nil {
                phase = .ready
                return refuse(tag: authentication, response)
            }
            if case .authenticating = phase { endUnfinished() }
            refuse(tag: tag, response)
        case .failed(let response):
            writer.status(response)
            phase = .closed
        }
    }

    private func run(_ command: Command, tag: String) async throws {
        endUnfinished()
        if notices.takeRosterDirty() {
            try checkAccount()
            if case .closed = phase { return }
        }
        mayNewsWait = Self.mayNewsWait(in: command)
        do {
            try await perform(command, tag: tag)
        } catch let refusal as CommandRefusal {
            if refusal.response.kind == .bad { return refuse(tag: tag, refusal.response) }
            try await end(tag, refusal.response, expunges: allowsExpunge(command))
        } catch let failure as StoreFailure {
            try await end(tag, CommandRefusal(failure).response, expunges: allowsExpunge(command))
        }
    }

    /// Every command is answered under its tag, an IDLE or AUTHENTICATE too that another command cuts off.
    func endUnfinished() {
        switch phase {
        case .idling(let tag):
            notices.setIdling(false)
            phase = .ready
            refuse(tag: tag, .bad("IDLE ends with DONE"))
        case .authenticating(let tag, _):
            phase = .ready
            refuse(tag: tag, .bad("AUTHENTICATE waits for a response, not for a command"))
        case .ready, .appending, .startingTLS, .closed: break
        }
    }

    /// A command that could not be read or was out of place.
    func refuse(tag: String?, _ response: StatusResponse) {
        writer.status(tag: tag, response)
        guard response.kind == .bad else { return }
        badCommands += 1
        if badCommands >= configuration.badCommands { bye("Too many bad commands", .clientBug) }
    }

    private func perform(_ command: Command, tag: String) async throws {
        progress = CommandProgress(tag: tag, since: services.clock.now)
        if let capability = command.capability, !has(capability) { throw CommandRefusal.bad("Unknown command") }
        switch command {
        case .capability:
            writer.capability(capabilities)
            try await end(tag, .ok("CAPABILITY completed"))
        case .noop, .check:
            if case .check = command { _ = try selection() }
            releaseCopiedAway()
            try await end(tag, .ok(command == .noop ? "NOOP completed" : "CHECK completed"))
        case .logout:
            bye("Logging out", nil)
            writer.status(tag: tag, .ok("LOGOUT completed"))
        case .id:
            writer.id([IDField("name", "Stempel")])
            try await end(tag, .ok("ID completed"))
        case .startTLS: startTLS(tag: tag)
        case .login(let user, let password): try await logIn(user: user, password: password, tag: tag)
        case .authenticate(let mechanism, let response):
            try await authenticate(mechanism, response, tag: tag)
        default: try await performAuthenticated(command, tag: tag)
        }
    }

    private func performAuthenticated(_ command: Command, tag: String) async throws {
        guard agent != nil else { throw CommandRefusal.notAuthenticated }
        try await loadMap(for: command)
        switch command {
        case .enable(let names): try await enable(names, tag: tag)
        case .select(let select): try await self.select(select, tag: tag)
        case .create(let name, let uses): try await create(name, uses, tag: tag)
        case .delete(let name): try await delete(name, tag: tag)
        case .rename(let from, let to): try await rename(from, to, tag: tag)
        case .subscribe(let name): try await subscribe(name, true, tag: tag)
        case .unsubscribe(let name): try await subscribe(name, false, tag: tag)
        case .list(let list): try await self.list(list, tag: tag)
        case .namespace: try await namespace(tag: tag)
        case .status(let name, let items): try await status(name, items, tag: tag)
        case .quota(let quota): try await self.quota(quota, tag: tag)
        case .acl(let acl): try await self.acl(acl, tag: tag)
        case .metadata(let metadata): try await self.metadata(metadata, tag: tag)
        case .idle: try await idle(tag: tag)
        case .notify(let notify): try await self.notify(notify, tag: tag)
        case .close: try await closeMailbox(tag: tag)
        case .unselect:
            _ = try selection()
            deselect()
            try await end(tag, .ok("UNSELECT completed"))
        case .expunge(let uids): try await expunge(uids, tag: tag)
        case .search(let search): try await self.search(asRev2(search), tag: tag)
        case .fetch(let fetch): try await self.fetch(fetch, tag: tag)
        case .store(let store): try await self.store(store, tag: tag)
        case .copy(let messages, let name): try await copy(messages, to: name, tag: tag)
        case .move(let messages, let name): try await move(messages, to: name, tag: tag)
        case .sort(let sort): try await self.sort(sort, tag: tag)
        case .thread(let thread): try await self.thread(thread, tag: tag)
        case .capability, .noop, .check, .logout, .id, .startTLS, .login, .authenticate:
            preconditionFailure("the commands of every state were carried out before")
        }
    }

    // MARK: - Output

    /// Sends what was written.
    func flush() async throws {
        guard !writer.isEmpty else { return }
        try await sink.write(writer.take())
    }

    /// Sends what was written if it is much.
    func flushIfLarge() async throws {
        if writer.count >= configuration.responsesTogether { try await flush() }
    }

    /// Tells what changed, then ends the command (RFC 3501 §7: untagged before tagged).
    /// `tellsHighest`: with QRESYNC the client goes on from the mod-sequence in the response.
    func end(
        _ tag: String, _ response: StatusResponse, expunges: Bool = true, tellsHighest: Bool = false
    ) async throws {
        do {
            if !(mayNewsWait && letNewsWait()) { try await announce(expunges: expunges) }
        } catch is StoreFailure {
            // What changed is told with the next command.
            notices.markDirty()
        }
        restMap()
        var response = response
        if tellsHighest, usesVanished, response.code == nil, let selected, selected.view != nil {
            response.code = .highestModSequence(selected.toldHighest)
        }
        // Who does what is understood is a client and no guesser: only mistakes in a row count.
        if agent != nil, response.kind == .ok { badCommands = 0 }
        writer.status(tag: tag, response)
    }

    /// The last word to the client.
    func bye(_ text: String, _ code: ResponseCode?) {
        if case .closed = phase { return }
        if case .appending(let progress) = phase { abandon(progress) }
        writer.status(.bye(text, code))
        phase = .closed
    }

    /// Says how far the command is, if it takes long (RFC 9585).
    func progressed(_ done: Int, of total: Int? = nil) async throws {
        guard progress?.isDue(at: services.clock.now) == true else { return }
        try await tellProgress(done, of: total)
    }

    /// As above, when it is known to be time.
    func tellProgress(_ done: Int, of total: Int? = nil) async throws {
        guard has(.inProgress), let tag = progress?.tag else { return }
        writer.status(.ok("Still at it", .inProgress(tag: tag, done: done, of: total.flatMap { $0 > done ? $0 : nil })))
        try await flush()
    }

    // MARK: - Account

    /// The desk as it is now.
    var currentRoster: Roster { services.roster.current }

    /// The agent as the desk knows it now.
    func currentAgent(_ roster: Roster) throws -> Roster.Agent {
        guard let agent, let person = roster.agents[agent], person.isActive else {
            throw CommandRefusal.notAuthenticated
        }
        return person
    }

    /// After a change of the desk: whether the account and the selected mailbox are still what they were.
    private func checkAccount() throws {
        guard let agent else { return }
        let roster = currentRoster
        guard let person = roster.agents[agent], person.isActive else {
            return bye("This account is not active any more", .unavailable)
        }
        guard let selected, let view = selected.view else { return }
        let current = MailboxView(mailbox: view.mailbox, kind: view.kind, roster: roster, agent: person)
        let validity = view.uidValidity(selected.uidValidity, for: person)
        if current.pools != view.pools || validity != selected.uidValidity {
            bye("What you may see has changed; connect again", .unavailable)
        }
    }

    /// Counts a refused login; after too many the connection ends.
    func loginRefused(
        tag: String, _ response: StatusResponse = .no("Login or password is wrong", .authenticationFailed)
    ) {
        refusedLogins += 1
        writer.status(tag: tag, response)
        if refusedLogins >= configuration.loginAttempts { bye("Too many refused logins", nil) }
    }

    /// From now on the session is this agent's.
    func loggedIn(_ agent: AgentID) {
        self.agent = agent
        switchedOff = Set((currentRoster.agents[agent]?.definition.imapWithout ?? []).compactMap(Capability.init))
        decoder.limits = DecoderLimits(messageSize: configuration.messageSize)
        let (feed, notices) = (services.feed, notices)
        let subscription = feed.subscribe(agent: agent) { notices.note($0) }
        agentSubscription = AgentSubscription { feed.cancel(subscription) }
        services.next?.connected(agent)
    }

    // MARK: - Idling

    private var isIdling: Bool {
        if case .idling = phase { return true }
        return false
    }

    private func idle(tag: String) async throws {
        phase = .idling(tag: tag)
        writer.continuation("idling")
        releaseCopiedAway()
        notices.setIdling(true)
        lastAnnouncement = nil
        do {
            try await announce(expunges: true)
        } catch is StoreFailure {
            notices.markDirty()
        }
    }

    private func announceUnasked() async throws {
        let now = ContinuousClock.now
        if let last = lastAnnouncement, now - last < announcementPause {
            notices.wakeLater(announcementPause - (now - last))
            return
        }
        do {
            let mayShift = isIdling || notify?.plan.selected.isDelayed == false
            let hasTold = try await announce(expunges: mayShift)
            let hasLooked = try await announceOthers()
            guard hasTold || hasLooked else { return }
            let end = ContinuousClock.now
            lastAnnouncement = end
            // A tenth of the time at most goes into looking: a thousand idling clients leave room for deliveries. Other
            // mailboxes are no hurry.
            let least = configuration.announcementInterval * (hasLooked ? 20 : 1)
            announcementPause = min(max(least, (end - now) * 10), .milliseconds(500))
        } catch is StoreFailure {
            notices.markDirty()
            notices.wakeLater(.seconds(1))
        }
    }
}
