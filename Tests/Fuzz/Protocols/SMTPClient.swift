import FuzzKit
import MailTypes
import NIOCore
import SMTPProtocol

/// A relay that says what it likes to our client session.
func fuzzSMTPClient(_ input: FuzzInput) {
    var configuration = SMTPClientSession.Configuration(
        hostname: "desk.example", tls: input.chooses(0) ? .none : input.chooses(1) ? .required : .opportunistic,
        allowsPlaintextLogin: input.chooses(2))
    if input.chooses(3) {
        configuration.credentials = Credentials(login: "relay", password: "pass word")
    }
    var whole = SMTPClientDriver(configuration, tlsWorks: !input.chooses(4))
    var cut = whole
    var slow = SMTPClientDriver(configuration, tlsWorks: true, isSlow: true)
    whole.feed([input.octets])
    cut.feed(input.pieces)
    slow.feed(input.pieces)
    let isSame = whole.events == cut.events
    must(isSame || whole.hasBegunTLS || cut.hasBegunTLS, "pieces change a dialogue: \(whole.events) \(cut.events)")
    for var driver in [whole, cut, slow] {
        if input.chooses(5) { driver.expire() } else { driver.lose() }
        must(driver.isClosed && driver.begun == driver.settled, "a mail was not settled once: \(driver.events)")
    }
}

private struct SMTPClientDriver {
    private(set) var events: [String] = []
    private(set) var hasBegunTLS = false
    private(set) var isClosed = false
    private(set) var begun = 0
    private(set) var settled = 0

    private var session: SMTPClientSession
    private let configuration: SMTPClientSession.Configuration
    private let tlsWorks: Bool
    /// Content goes out in two pieces, with the server's words read between them.
    private let isSlow: Bool
    private var rest: [UInt8]?
    private var isSecured = false
    private var mails = 3
    private var input = ByteBuffer()

    init(_ configuration: SMTPClientSession.Configuration, tlsWorks: Bool, isSlow: Bool = false) {
        session = SMTPClientSession(configuration: configuration)
        (self.configuration, self.tlsWorks, self.isSlow) = (configuration, tlsWorks, isSlow)
        perform(session.connected())
    }

    mutating func feed(_ pieces: [[UInt8]]) {
        for piece in pieces where !isClosed {
            input.writeBytes(piece)
            pump()
            if let rest, !isClosed {
                self.rest = nil
                sendContent(session.encode(ByteBuffer(bytes: rest)))
                perform(session.contentEnded())
                pump()
            }
        }
    }

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
        var steps = 0
        while !isClosed {
            let before = input.readableBytes
            let action = session.receive(&input)
            steps = before == input.readableBytes ? steps + 1 : 0
            must(steps < 8 * 4, "the session goes round in a circle")
            guard action != .needMoreInput else { break }
            perform(action)
        }
        must(isClosed || input.readableBytes <= 8192, "a line of \(input.readableBytes) octets waits for its end")
    }

    private mutating func perform(_ action: SMTPClientSession.Action) {
        must(!isClosed, "an action after the end")
        switch action {
        case .needMoreInput: break
        case .send(let octets): send(octets)
        case .startTLS:
            must(input.readableBytes == 0 && !isSecured, "octets in the clear were kept for TLS")
            hasBegunTLS = true
            isSecured = tlsWorks
            perform(tlsWorks ? session.tlsEstablished() : session.tlsFailed("bad certificate"))
        case .ready: deliver()
        case .downgrade(let downgrade):
            must(downgrade == .body && !session.extensions.has8BitMIME, "a conversion that nobody needs")
            // Of two such mails one can be converted.
            perform(mails == 0 ? session.contentDowngraded() : session.contentCannotBeDowngraded())
        case .sendContent:
            let content = Array("Subject: x\r\n\r\n.dot\n\r.".utf8)
            sendContent(session.encode(ByteBuffer(bytes: isSlow ? Array(content.prefix(9)) : content)))
            if isSlow { rest = Array(content.dropFirst(9)) } else { perform(session.contentEnded()) }
        case .settled(let outcomes):
            settled += 1
            rest = nil
            must(settled <= begun && !outcomes.isEmpty, "settled without need")
            events.append("\(outcomes)")
            outcomes.forEach(check)
        case .failed(let problem):
            events.append("\(problem)")
            check(problem)
            isClosed = true
        case .close: isClosed = true
        }
    }

    private mutating func deliver() {
        guard mails > 0 else { return perform(session.quit()) }
        mails -= 1
        begun += 1
        let recipients = ["a@a.example", "b@b.example", "ż@c.example"].prefix(mails + 1).compactMap { EmailAddress($0) }
        let envelope = Envelope(
            reversePath: mails == 1 ? nil : EmailAddress("help@acme.example"), recipients: recipients,
            is8BitMIME: mails != 1,
            isSMTPUTF8: false)
        perform(session.deliver(SMTPClientSession.Mail(envelope: envelope, size: 5000)))
    }

    private mutating func send(_ octets: ByteBuffer) {
        let wire = Array(octets.readableBytesView)
        events.append(String(decoding: wire, as: UTF8.self))
        must(wire.suffix(2) == [0x0D, 0x0A] && !hasBareLineEnd(wire), "a command with a wrong line end")
        for line in events[events.count - 1].split(separator: "\r\n") {
            if line.hasPrefix("MAIL") { must(isSecured || configuration.tls != .required, "mail in the clear") }
            if line.hasPrefix("AUTH") {
                must(isSecured || configuration.allowsPlaintextLogin, "a password in the clear")
            }
            must(line.utf8.count <= 510, "a command too long: \(line)")
        }
    }

    private mutating func sendContent(_ octets: ByteBuffer) {
        must(isSecured || configuration.tls != .required, "content in the clear")
        events.append(String(buffer: octets))
    }

    private func check(_ outcome: RecipientOutcome) {
        switch outcome.result {
        case .delivered(let reply): must(reply.code.severity == 2, "delivered by \(reply)")
        case .deferred(let problem), .failed(let problem): check(problem)
        }
    }

    /// It goes into logs and reports.
    private func check(_ problem: DeliveryProblem) {
        must([4, 5].contains(problem.status.class), "a problem that is none")
        must(problem.diagnostic.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a diagnostic with control characters")
        must(!problem.diagnostic.contains("pass word"), "a password in a diagnostic")
    }
}
