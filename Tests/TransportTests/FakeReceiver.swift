import Desk
import Gateway
import MailTypes
import OpenSSL
import SMTPProtocol
import Synchronization
import TestKit
import Transport

/// Takes mail into memory, and does what a test tells it.
final class FakeReceiver: MailReceiver {
    struct Mail: Sendable {
        var envelope: Envelope
        var agent: AgentID?
        var peer: Peer
        var content: String
    }

    private struct State {
        var mails: [Mail] = []
        var refusal: Reply?
        var reply = Reply.contentAccepted
        var isHolding = false
        var held: [@Sendable (Reply) -> Void] = []
        var begun = 0
        var abandoned = 0
        var refusals: [Reply] = []
        var refused: [String] = []
        var onDrained: [@Sendable () -> Void] = []
    }
    private let state = Mutex(State())
    /// Contents stall at each of these sizes.
    private let stallsAt: [Int]

    init(stallsAt: [Int] = []) { self.stallsAt = stallsAt }

    /// What was told to those who were refused.
    var refusals: [Reply] { state.withLock { $0.refusals } }
    /// Whom they were told to, the reverse-path first, and why beside the reply.
    var refused: [String] { state.withLock { $0.refused } }
    func noteRefusal(_ reply: Reply?, because cause: String?, of envelope: Envelope, peer: Peer) {
        let parties = [envelope.reversePath?.description ?? "<>"] + envelope.recipients.map(\.description)
        let words = (parties + [reply.map { "\($0.code)" }, cause].compactMap(\.self)).joined(separator: " ")
        state.withLock { state in
            if let reply { state.refusals.append(reply) }
            state.refused.append(words)
        }
    }

    var mails: [Mail] { state.withLock { $0.mails } }
    /// Contents that got octets.
    var begun: Int { state.withLock { $0.begun } }
    var abandoned: Int { state.withLock { $0.abandoned } }
    var stalled: Int { state.withLock { $0.onDrained.count } }

    func refuse(_ reply: Reply?) { state.withLock { $0.refusal = reply } }
    func answer(_ reply: Reply) { state.withLock { $0.reply = reply } }
    /// From now on mails wait for `release`.
    func hold() { state.withLock { $0.isHolding = true } }
    func release() {
        let (held, reply) = state.withLock { state in
            defer { (state.held, state.isHolding) = ([], false) }
            return (state.held, state.reply)
        }
        for completion in held { completion(reply) }
    }
    func drain() {
        let drained = state.withLock { state in
            defer { state.onDrained = [] }
            return state.onDrained
        }
        for notice in drained { notice() }
    }

    func admission() -> Reply? { state.withLock { $0.refusal } }

    func verify(sender: EmailAddress?, agent: AgentID?) -> SMTPServerSession.SenderVerdict { .accepted }

    func verify(
        _ question: RecipientQuestion, later: @escaping @Sendable (SMTPServerSession.RecipientVerdict) -> Void
    ) -> SMTPServerSession.RecipientVerdict? {
        switch question.recipient {
        case .postmaster: .accepted(EmailAddress(localPart: "postmaster", domain: DomainName("acme.example")!))
        case .address(let address):
            address.localPart == "nobody" ? .refused(.noSuchRecipient) : .accepted(address)
        }
    }

    func makeContent(for envelope: Envelope, peer: Peer, onDrained: @escaping @Sendable () -> Void) -> FakeContent {
        state.withLock { $0.begun += 1 }
        return FakeContent(stallsAt: stallsAt, abandoned: { self.state.withLock { $0.abandoned += 1 } }) { resume in
            self.state.withLock {
                $0.onDrained.append {
                    resume(); onDrained()
                }
            }
        }
    }

    func accept(
        _ content: FakeContent, envelope: Envelope, agent: AgentID?, peer: Peer,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        let mail = Mail(
            envelope: envelope, agent: agent, peer: peer, content: String(decoding: content.octets, as: UTF8.self))
        let reply = state.withLock { state -> Reply? in
            state.mails.append(mail)
            if state.isHolding { state.held.append(completion) }
            return state.isHolding ? nil : state.reply
        }
        if let reply { completion(reply) }
    }
}

/// A content in memory that stalls where it is told.
final class FakeContent: MailContent {
    private(set) var octets: [UInt8] = []
    private var stallsAt: [Int]
    private let flag = Flag()
    private let abandoned: @Sendable () -> Void
    private let stalled: (@escaping @Sendable () -> Void) -> Void

    private final class Flag: Sendable {
        let isStalled = Atomic(false)
    }

    init(
        stallsAt: [Int], abandoned: @escaping @Sendable () -> Void,
        stalled: @escaping (@escaping @Sendable () -> Void) -> Void
    ) {
        (self.stallsAt, self.abandoned, self.stalled) = (stallsAt, abandoned, stalled)
    }

    func append(_ new: UnsafeRawBufferPointer) {
        octets.append(contentsOf: new)
        guard let next = stallsAt.first, octets.count >= next else { return }
        stallsAt.removeFirst()
        flag.isStalled.store(true, ordering: .relaxed)
        let flag = flag
        stalled { flag.isStalled.store(false, ordering: .relaxed) }
    }

    var isStalled: Bool { flag.isStalled.load(ordering: .relaxed) }
    func abandon() { abandoned() }
}

/// Knows one agent: `ewa@desk.example`, `secret`.
struct FakeAuthenticator: Authenticator {
    func authenticate(login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void) {
        let isRight = login == "ewa@desk.example" && password == Array("secret".utf8)
        completion(isRight ? AgentID(rawValue: 7) : nil)
    }

    private static let verifier = SCRAMVerifier(password: "secret", salt: [1, 2, 3, 4], iterations: 16)

    func scram(isBound: Bool, bindings: ChannelBindings?) -> any SASLExchange {
        ScriptedExchange(isBound: isBound, bindings: bindings) { login in
            login == "ewa@desk.example" ? (AgentID(rawValue: 7), Self.verifier) : nil
        }
    }
}
