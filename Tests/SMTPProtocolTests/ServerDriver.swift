import MailTypes
import NIOCore
import SMTPProtocol

/// Plays the driver of a server session: knows two recipients, one login, and keeps what it is given.
struct ServerDriver {
    /// A mail that was filed.
    struct Filed: Equatable {
        var envelope: Envelope
        var content: String
        var facts: ContentFacts
    }

    var session: SMTPServerSession
    /// What went out, as `code status` per reply, `<TLS>` and `<closed>`.
    private(set) var replies: [String] = []
    private(set) var texts: [String] = []
    private(set) var filed: [Filed] = []
    private(set) var asked: [String] = []
    private var input = ByteBuffer()
    private var kept = ByteBuffer()
    private var isClosed = false
    private let answersLate: Bool
    private var pending: SMTPServerSession.Action?
    private let verdict: Reply

    init(
        _ configuration: SMTPServerSession.Configuration, isSecured: Bool = false, answersLate: Bool = false,
        verdict: Reply = .contentAccepted, bindsChannels: Bool = false
    ) {
        session = SMTPServerSession(configuration: configuration, isSecured: isSecured)
        session.bindsChannels = bindsChannels
        (self.answersLate, self.verdict) = (answersLate, verdict)
        perform(session.connected())
    }

    mutating func feed(_ pieces: [ByteBuffer]) {
        for var piece in pieces where !isClosed {
            input.writeBuffer(&piece)
            pump()
            while let question = pending, !isClosed {
                pending = nil
                answer(question)
                pump()
            }
        }
    }

    mutating func feed(_ wire: String) { feed([ByteBuffer(string: wire)]) }

    mutating func perform(_ action: SMTPServerSession.Action) {
        switch action {
        case .needMoreInput: break
        case .reply(let reply), .refuse(let reply, _): write(reply)
        case .discardContent(let reply):
            kept.clear()
            write(reply)
        case .content(var octets): kept.writeBuffer(&octets)
        case .startTLS(let reply):
            write(reply)
            replies.append("<TLS>")
            session.tlsEstablished()
        case .close(let reply):
            if let reply { write(reply) }
            replies.append("<closed>")
            isClosed = true
        case .verifyGreeting, .verifySender, .verifyRecipient, .verifyContent, .authenticate, .exchange, .contentEnded:
            if case .verifyGreeting = action { kept.clear() }
            if answersLate { pending = action } else { answer(action) }
        }
    }

    private mutating func pump() {
        while !isClosed, pending == nil {
            let action = session.receive(&input)
            if action == .needMoreInput { return }
            perform(action)
        }
        if pending != nil, !isClosed {
            let before = input.readableBytes
            precondition(session.receive(&input) == .needMoreInput && input.readableBytes == before)
        }
    }

    private mutating func answer(_ question: SMTPServerSession.Action) {
        switch question {
        case .verifyGreeting(let name):
            perform(session.greetingVerified(name == "banned.example" ? .refused(.relayingDenied) : .accepted))
        case .verifyContent(let envelope):
            let isBanned = envelope.reversePath?.localPart == "silent"
            if let action = session.contentVerified(isBanned ? .refused(.relayingDenied) : .accepted) { perform(action) }
        case .verifySender(let sender, let size):
            asked.append("MAIL \(sender?.description ?? "<>") \(size.map(String.init) ?? "-")")
            let isBanned = sender?.localPart == "banned"
            perform(session.senderVerified(isBanned ? .refused(.relayingDenied) : .accepted))
        case .verifyRecipient(let recipient):
            perform(session.recipientVerified(verdict(on: recipient)))
        case .authenticate(let credentials):
            asked.append("AUTH \(credentials.authorizationIdentity)/\(credentials.login)/\(credentials.password)")
            let isRight = credentials.password == "secret"
            let isDown = credentials.password == "down"
            perform(session.authenticationSettled(isDown ? .unavailable : isRight ? .accepted : .refused))
        case .exchange(let response):
            let text = String(decoding: response.octets, as: UTF8.self)
            asked.append("\(response.mechanism.rawValue)\(response.isFirst ? "" : " …") \(text)")
            switch text {
            case "first": perform(session.authenticationContinued(Array("challenge".utf8)))
            case "final": perform(session.authenticationContinued(Array("proof".utf8)))
            case "": perform(session.authenticationSettled(.accepted))
            case "nonsense": perform(session.authenticationSettled(.malformed))
            default: perform(session.authenticationSettled(.refused))
            }
        case .contentEnded(let envelope, let facts):
            if verdict.code.severity == 2 {
                filed.append(Filed(envelope: envelope, content: String(buffer: kept), facts: facts))
            }
            kept.clear()
            perform(session.contentSettled(verdict))
        case .needMoreInput, .reply, .refuse, .content, .discardContent, .startTLS, .close: break
        }
    }

    private mutating func verdict(on recipient: SMTPServerSession.Recipient) -> SMTPServerSession.RecipientVerdict {
        switch recipient {
        case .postmaster:
            asked.append("RCPT postmaster")
            return .accepted(EmailAddress("postmaster@acme.example")!)
        case .address(let address):
            asked.append("RCPT \(address)")
            return address.localPart == "unknown" ? .refused(.noSuchRecipient) : .accepted(address)
        }
    }

    private mutating func write(_ reply: Reply) {
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        let text = String(buffer: buffer)
        precondition(text == reply.description + "\r\n")
        texts.append(text)
        replies.append("\(reply.code)" + (reply.status.map { " \($0)" } ?? ""))
    }
}

extension SMTPServerSession.Configuration {
    /// An MX without limits that tests would stumble over.
    static func mx(_ change: (inout SMTPServerSession.Configuration) -> Void = { _ in }) -> Self {
        var configuration = Self(role: .mx, hostname: "mx.acme.example")
        change(&configuration)
        return configuration
    }

    static func submission(_ change: (inout SMTPServerSession.Configuration) -> Void = { _ in }) -> Self {
        var configuration = Self(role: .submission, hostname: "mx.acme.example", tls: .required)
        change(&configuration)
        return configuration
    }
}

/// A dialogue of a client that waits for nothing, and the replies it must get at every split and with late answers.
func replies(
    to wire: String, _ configuration: SMTPServerSession.Configuration, isSecured: Bool = false
) -> Set<[String]> {
    var results: Set<[String]> = []
    for pieces in everySplit(of: wire) {
        for answersLate in [false, true] {
            var driver = ServerDriver(configuration, isSecured: isSecured, answersLate: answersLate)
            driver.feed(pieces)
            results.insert(driver.replies)
        }
    }
    return results
}
