import MailTypes
import NIOCore
import SMTPProtocol

/// Plays the driver of a client session with mails to deliver, against a server that is a list of octets.
struct ClientDriver {
    var session: SMTPClientSession
    /// What went out, and what the session told, in order.
    private(set) var events: [String] = []
    private var input = ByteBuffer()
    private var mails: [(mail: SMTPClientSession.Mail, content: String)]
    /// Mails given to `deliver`, and transactions settled.
    private(set) var counts = (begun: 0, settled: 0)
    private let tlsWorks: Bool
    /// Whether there is a form of the content without octets above 127; `nil`: it cannot be read.
    private let isConvertible: Bool?
    private var content = ""
    /// What all contents are, in pieces, in the place of those of the mails.
    var pieces: [String]?
    private var isClosed = false

    init(
        _ configuration: SMTPClientSession.Configuration, mails: [(SMTPClientSession.Mail, String)],
        tlsWorks: Bool = true, isConvertible: Bool? = true
    ) {
        session = SMTPClientSession(configuration: configuration)
        self.mails = mails.map { ($0.0, $0.1) }
        (self.tlsWorks, self.isConvertible) = (tlsWorks, isConvertible)
        perform(session.connected())
    }

    mutating func feed(_ pieces: [ByteBuffer]) {
        for var piece in pieces where !isClosed {
            input.writeBuffer(&piece)
            pump()
        }
    }

    mutating func feed(_ wire: String) { feed([ByteBuffer(string: wire)]) }

    mutating func lose() {
        guard !isClosed else { return }
        perform(session.connectionClosed())
        pump()
    }

    mutating func expire() {
        guard !isClosed else { return }
        perform(session.timedOut())
        pump()
    }

    private mutating func pump() {
        while !isClosed {
            let action = session.receive(&input)
            if action == .needMoreInput { return }
            perform(action)
        }
    }

    private mutating func perform(_ action: SMTPClientSession.Action) {
        switch action {
        case .needMoreInput: break
        case .send(let octets): send(octets)
        case .startTLS:
            events.append("<TLS>")
            perform(tlsWorks ? session.tlsEstablished() : session.tlsFailed("bad certificate"))
        case .ready:
            guard let next = mails.first else { return perform(session.quit()) }
            mails.removeFirst()
            content = next.content
            counts.begun += 1
            perform(session.deliver(next.mail))
        case .downgrade(let downgrade):
            events.append(
                "<convert\(downgrade.contains(.header) ? " header" : "")\(downgrade.contains(.body) ? " body" : "")>")
            switch isConvertible {
            case true?: perform(session.contentDowngraded())
            case false?: perform(session.contentCannotBeDowngraded())
            case nil: perform(session.contentUnavailable())
            }
        case .sendContent:
            for piece in pieces ?? [content] { send(session.encode(ByteBuffer(string: piece))) }
            perform(session.contentEnded())
        case .settled(let outcomes):
            counts.settled += 1
            events.append("<\(outcomes.map(Self.words).joined(separator: ", "))>")
        case .failed(let problem):
            events.append("<failed \(problem.stage) \(problem.status): \(problem.diagnostic)>")
            isClosed = true
        case .close:
            events.append("<close>")
            isClosed = true
        }
    }

    private mutating func send(_ octets: ByteBuffer) {
        // Of chunks the session keeps back what may be the last.
        guard octets.readableBytes > 0 else { return }
        events.append(String(buffer: octets))
    }

    static func words(_ outcome: RecipientOutcome) -> String {
        switch outcome.result {
        case .delivered(let reply): "delivered: \(reply.lines.joined(separator: "/"))"
        case .deferred(let problem):
            "deferred \(problem.stage) \(problem.status)\(problem.isOutcomeUnknown ? "?" : ""): \(problem.diagnostic)"
        case .failed(let problem): "failed \(problem.stage) \(problem.status): \(problem.diagnostic)"
        }
    }
}

extension SMTPClientSession.Configuration {
    static func plain(_ change: (inout SMTPClientSession.Configuration) -> Void = { _ in }) -> Self {
        var configuration = Self(hostname: "desk.example")
        change(&configuration)
        return configuration
    }
}

func clientMail(
    from sender: String? = "help@acme.example", to recipients: [String] = ["a@a.example"], size: Int? = nil,
    is8BitMIME: Bool = false, isSMTPUTF8: Bool = false
) -> SMTPClientSession.Mail {
    SMTPClientSession.Mail(
        envelope: Envelope(
            reversePath: sender.flatMap { EmailAddress($0) }, recipients: recipients.compactMap { EmailAddress($0) },
            is8BitMIME: is8BitMIME, isSMTPUTF8: isSMTPUTF8),
        size: size)
}
