/// The dialogue with one filter about one SMTP connection and the mails that come over it (milter protocol, version 6): what
/// is to be sent, when an answer is waited for, and what the filter says to each question. Free of connections: its user
/// asks, does what `next` says until that is an answer, and asks again.
///
///     var session = MilterSession()
///     session.ask(.sender("<jan@customer.example>", parameters: []), macros: [("i", "q1")])
///     loop: while true {
///         switch session.next() {
///         case .send(let octets): …            // to the filter
///         case .receive: try session.take(…)   // its next packet
///         case .readBody: session.supply(…)    // the next piece of the body, nil at its end
///         case .answer(let verdict): break loop
///         case .nothing: break loop            // nothing is asked
///         }
///     }
///
/// Where a body breaks off, `takeBack` stands for the piece that is missing.
package struct MilterSession: Sendable {
    /// What is to be done next.
    package enum Need: Equatable, Sendable {
        case send([UInt8])
        case receive
        case readBody
        /// What the filter says to the question.
        case answer(MilterVerdict)
        case nothing
    }

    enum State: Sendable {
        case idle
        /// A command of the client is told, or a field or the end of the content.
        case telling(MilterStep, [(name: [UInt8], value: [UInt8])], index: Int)
        case answered(MilterVerdict)
    }

    /// What the filter said of more than one question at once.
    enum Standing: Equatable, Sendable {
        case open
        /// Of all that still comes of the mail under way.
        case mail(MilterVerdict.Decision)
        /// Of all that still comes over the connection.
        case connection(MilterVerdict.Decision)
    }

    /// Octets of the longest piece of a body.
    package static let maximumPiece = 65535
    static let version: UInt32 = 6
    static let oldestVersion: UInt32 = 2
    /// Adding fields, changing them, quarantine.
    private static let actions: UInt32 = 0x01 | 0x10 | 0x20
    /// All steps may be left out or go without an answer, pieces of a body may be skipped, values keep their leading space.
    static let offeredOptions: UInt32 = 0x1FF7FF

    var state = State.idle
    var standing = Standing.open
    var isWaiting = true
    var isReadingBody = false
    var skipsBody = false
    var isNegotiated = false
    var negotiated: (version: UInt32, options: UInt32) = (Self.version, 0)
    var verdict = MilterVerdict(.accept)
    private var output: [UInt8]
    /// The filter was told of a mail whose end it has not heard.
    private var knowsOfMail = false
    private var macros: [MilterMacro] = []

    /// Begins with the offer of what we can do.
    package init() {
        output = MilterPacket(
            "O",
            MilterPacket.integer(Self.version) + MilterPacket.integer(Self.actions)
                + MilterPacket.integer(Self.offeredOptions)
        ).encoded
    }

    /// Asks the next question; the one before has its answer. A greeting and a sender end the mail that was under way.
    package mutating func ask(_ question: MilterQuestion, macros: [MilterMacro] = []) {
        guard case .idle = state else { preconditionFailure("a filter is asked one question at a time") }
        switch question {
        case .greeting, .sender: abort()
        case .connection, .recipient, .content, .mail: break
        }
        switch standing {
        case .connection(let decision), .mail(let decision):
            state = .answered(MilterVerdict(decision))
            return
        case .open: break
        }
        self.macros = macros
        switch question {
        case .connection: tell(.connect)
        case .greeting: tell(.helo)
        case .sender:
            knowsOfMail = true
            tell(.mail)
        case .recipient: tell(.recipient)
        case .content: tell(.data)
        case .mail(let header):
            (verdict, skipsBody) = (MilterVerdict(.accept), false)
            state = .telling(header.isEmpty ? .endOfHeader : .header, header, index: 0)
            return
        }
        pending = question.data
    }

    /// What the packet says, until it is said: that waits for the negotiation.
    private var pending: [UInt8]?

    private mutating func tell(_ step: MilterStep) { state = .telling(step, [], index: 0) }

    /// The mail under way comes to nothing.
    package mutating func abort() {
        if knowsOfMail { output += MilterPacket("A").encoded }
        mailEnded()
    }

    /// The next piece of a body is what is missing.
    package var isBodyAsked: Bool { isReadingBody && !isWaiting }

    /// Takes the question about a mail back while a piece of its body is asked for: the mail comes to nothing.
    package mutating func takeBack() {
        guard isBodyAsked else { preconditionFailure("a question is taken back where its body is read") }
        (state, isReadingBody, verdict) = (.idle, false, MilterVerdict(.accept))
        abort()
    }

    /// The connection is over: the filter hears no more.
    package mutating func quit() {
        abort()
        output += MilterPacket("Q").encoded
    }

    private mutating func mailEnded() {
        knowsOfMail = false
        if case .mail = standing { standing = .open }
    }

    package mutating func next() -> Need {
        while true {
            if !output.isEmpty {
                defer { output = [] }
                return .send(output)
            }
            switch state {
            case .answered(let verdict):
                state = .idle
                return .answer(verdict)
            case .idle: return .nothing
            case .telling(let step, let header, let index):
                if isWaiting { return .receive }
                if isReadingBody { return .readBody }
                speak(step, header, index)
            }
        }
    }

    // MARK: - Speaking

    /// Says what the current step has to say, and goes on to the following one, or waits.
    private mutating func speak(_ step: MilterStep, _ header: [(name: [UInt8], value: [UInt8])], _ index: Int) {
        switch step {
        case .connect: command(step, unless: 0x01, silent: 0x1000)
        case .helo: command(step, unless: 0x02, silent: 0x2000)
        case .mail: command(step, unless: 0x04, silent: 0x4000)
        case .recipient: command(step, unless: 0x08, silent: 0x8000)
        case .data:
            // Version 4 brought it.
            if negotiated.version < 4 { pending = nil }
            command(step, unless: 0x200, silent: 0x10000)
        case .header:
            say(step, field(header[index]), unless: 0x20, silent: 0x80)
            let isLast = index + 1 >= header.count
            state = isLast ? .telling(.endOfHeader, [], index: 0) : .telling(.header, header, index: index + 1)
        case .endOfHeader:
            say(step, [], unless: 0x40, silent: 0x40000)
            state = .telling(.body, [], index: 0)
        case .body:
            isReadingBody = negotiated.options & 0x10 == 0 && !skipsBody
            if !isReadingBody { state = .telling(.endOfMail, [], index: 0) }
        // It stays until the filter has said its last word.
        case .endOfMail: say(step, [], unless: 0, silent: 0, macros: macros)
        }
    }

    /// A command of the client: said once, and settled at once where no answer is to come.
    private mutating func command(_ step: MilterStep, unless leftOut: UInt32, silent: UInt32) {
        if let data = pending {
            pending = nil
            say(step, data, unless: leftOut, silent: silent, macros: macros)
        }
        if !isWaiting { settle(.accept) }
    }

    private mutating func say(
        _ step: MilterStep, _ data: [UInt8], unless leftOut: UInt32, silent: UInt32, macros: [MilterMacro] = []
    ) {
        guard negotiated.options & leftOut == 0 else { return }
        if !macros.isEmpty {
            let pairs = macros.flatMap { MilterPacket.terminated($0.name) + MilterPacket.terminated($0.value) }
            output += MilterPacket("D", [step.rawValue.asciiValue ?? 0] + pairs).encoded
        }
        output += MilterPacket(step.rawValue, data).encoded
        isWaiting = negotiated.options & silent == 0
    }

    /// The next piece of the body, at most `maximumPiece` octets; `nil`: there is no more.
    package mutating func supply(_ piece: [UInt8]?) {
        guard isReadingBody else { return }
        guard let piece, !piece.isEmpty else {
            isReadingBody = false
            state = .telling(.endOfMail, [], index: 0)
            return
        }
        output += MilterPacket(MilterStep.body.rawValue, piece).encoded
        isWaiting = negotiated.options & 0x80000 == 0
    }

    private func field(_ field: (name: [UInt8], value: [UInt8])) -> [UInt8] {
        // Without the option filters get the value without one leading space.
        let keepsSpace = negotiated.options & 0x100000 != 0
        let value = !keepsSpace && field.value.first == 0x20 ? Array(field.value.dropFirst()) : field.value
        // Line ends as sendmail gives them: a bare line feed.
        return field.name.filter { $0 != 0 } + [0] + value.filter { $0 != 0 && $0 != 0x0D } + [0]
    }

    // MARK: - Settling

    /// The question has its answer; `rest`: what follows is settled as well.
    mutating func settle(_ decision: MilterVerdict.Decision, rest: Standing? = nil) {
        if let rest {
            standing = rest
            // A mail that the filter has taken leave of needs no ABORT.
            if decision == .accept || decision == .discard { knowsOfMail = false }
        }
        state = .answered(MilterVerdict(decision))
        (isWaiting, isReadingBody) = (false, false)
    }

    /// The last word about a mail.
    mutating func end(_ decision: MilterVerdict.Decision) {
        verdict.decision = decision
        state = .answered(verdict)
        (isWaiting, isReadingBody) = (false, false)
        verdict = MilterVerdict(.accept)
        mailEnded()
    }
}

extension MilterQuestion {
    /// The packet's data.
    fileprivate var data: [UInt8] {
        switch self {
        case .connection(let hostname, let client): MilterPacket.terminated(hostname) + client.data
        case .greeting(let name): MilterPacket.terminated(name)
        case .sender(let path, let parameters): ([path] + parameters).flatMap(MilterPacket.terminated)
        case .recipient(let path): MilterPacket.terminated(path)
        case .content, .mail: []
        }
    }
}

extension MilterQuestion.Client {
    /// The family, the port in network order, and the address.
    fileprivate var data: [UInt8] {
        switch self {
        case .ipv4(let address, let port):
            [0x34, UInt8(port >> 8), UInt8(port & 0xFF)] + MilterPacket.terminated(address)
        case .ipv6(let address, let port):
            [0x36, UInt8(port >> 8), UInt8(port & 0xFF)] + MilterPacket.terminated("IPv6:\(address)")
        case .unknown: [0x55]
        }
    }
}
