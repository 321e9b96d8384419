/// The dialogue with one filter about one mail (milter protocol, version 6): what is to be sent, when an answer is waited
/// for, and what the filter says in the end. Free of connections: its user does what `next` says until that is a verdict.
///
///     var dialogue = MilterDialogue(about: mail)
///     loop: while true {
///         switch dialogue.next() {
///         case .send(let octets): …            // to the filter
///         case .receive: try dialogue.take(…)  // its next packet
///         case .readBody: dialogue.supply(…)   // the next piece of the body, nil at its end
///         case .end(let verdict): break loop
///         }
///     }
package struct MilterDialogue: Sendable {
    /// What is to be done next.
    package enum Need: Equatable, Sendable {
        case send([UInt8])
        case receive
        case readBody
        case end(MilterVerdict)
    }

    /// Octets of the longest piece of a body.
    package static let maximumPiece = 65535
    private static let version: UInt32 = 6
    private static let oldestVersion: UInt32 = 2
    /// Adding fields, changing them, quarantine.
    private static let actions: UInt32 = 0x01 | 0x10 | 0x20
    /// All steps may be left out or go without an answer, pieces of a body may be skipped, values keep their leading space.
    private static let options: UInt32 = 0x1FF7FF

    private enum State: Equatable {
        case negotiating
        case step(MilterStep, Int)
        case ended(MilterVerdict)
    }

    private let mail: MilterMail
    private var state = State.negotiating
    private var output: [UInt8] = []
    private var isWaiting = false
    private var isReadingBody = false
    private var version = Self.version
    private var options: UInt32 = 0
    private var skipsBody = false
    private var verdict = MilterVerdict(.accept)

    package init(about mail: MilterMail) {
        self.mail = mail
        output = MilterPacket(
            "O",
            MilterPacket.integer(Self.version) + MilterPacket.integer(Self.actions) + MilterPacket.integer(Self.options)
        ).encoded
        isWaiting = true
    }

    package mutating func next() -> Need {
        while true {
            if !output.isEmpty {
                defer { output = [] }
                return .send(output)
            }
            if case .ended(let verdict) = state { return .end(verdict) }
            if isWaiting { return .receive }
            if isReadingBody { return .readBody }
            speak()
        }
    }

    // MARK: - Speaking

    /// Says what the current step has to say, and goes on to the following one.
    private mutating func speak() {
        guard case .step(let step, let index) = state else { return }
        switch step {
        case .connect: say(step, connection, unless: 0x01, silent: 0x1000)
        case .helo: say(step, terminated(mail.helo), unless: 0x02, silent: 0x2000)
        case .mail: say(step, terminated(mail.reversePath), unless: 0x04, silent: 0x4000)
        case .recipient where index < mail.recipients.count:
            say(step, terminated(mail.recipients[index]), unless: 0x08, silent: 0x8000)
        case .data: if version > 3 { say(step, [], unless: 0x200, silent: 0x10000) }
        case .header where index < mail.header.count: say(step, field(mail.header[index]), unless: 0x20, silent: 0x80)
        case .endOfHeader: say(step, [], unless: 0x40, silent: 0x40000)
        case .body: isReadingBody = options & 0x10 == 0 && !skipsBody
        case .endOfMail: say(step, [], unless: 0, silent: 0)
        case .recipient, .header: break
        }
        advance(from: step, index)
    }

    private mutating func say(_ step: MilterStep, _ data: [UInt8], unless leftOut: UInt32, silent: UInt32) {
        guard options & leftOut == 0 else { return }
        let macros = mail.macros[step] ?? []
        if !macros.isEmpty {
            let pairs = macros.flatMap { terminated($0.name) + terminated($0.value) }
            output += MilterPacket("D", [step.rawValue.asciiValue ?? 0] + pairs).encoded
        }
        output += MilterPacket(step.rawValue, data).encoded
        isWaiting = options & silent == 0
    }

    private mutating func advance(from step: MilterStep, _ index: Int) {
        switch step {
        case .connect: state = .step(.helo, 0)
        case .helo: state = .step(.mail, 0)
        case .mail: state = .step(.recipient, 0)
        case .recipient: state = index + 1 < mail.recipients.count ? .step(.recipient, index + 1) : .step(.data, 0)
        case .data: state = .step(.header, 0)
        case .header: state = index + 1 < mail.header.count ? .step(.header, index + 1) : .step(.endOfHeader, 0)
        case .endOfHeader: state = .step(.body, 0)
        case .body: if !isReadingBody { state = .step(.endOfMail, 0) }
        // Stays until the filter has said its last word.
        case .endOfMail: break
        }
    }

    /// The next piece of the body, at most `maximumPiece` octets; `nil`: there is no more.
    package mutating func supply(_ piece: [UInt8]?) {
        guard isReadingBody else { return }
        guard let piece, !piece.isEmpty else {
            isReadingBody = false
            state = .step(.endOfMail, 0)
            return
        }
        output += MilterPacket(MilterStep.body.rawValue, piece).encoded
        isWaiting = options & 0x80000 == 0
    }

    private var connection: [UInt8] {
        switch mail.client {
        case .ipv4(let address): terminated(mail.hostname) + [0x34, 0, 0] + terminated(address)
        case .ipv6(let address): terminated(mail.hostname) + [0x36, 0, 0] + terminated("IPv6:\(address)")
        case .unknown: terminated(mail.hostname) + [0x55]
        }
    }

    private func field(_ field: (name: [UInt8], value: [UInt8])) -> [UInt8] {
        // Without the option filters get the value without one leading space.
        let value = options & 0x100000 == 0 && field.value.first == 0x20 ? Array(field.value.dropFirst()) : field.value
        // Line ends as sendmail gives them: a bare line feed.
        return field.name.filter { $0 != 0 } + [0] + value.filter { $0 != 0 && $0 != 0x0D } + [0]
    }

    private func terminated(_ text: String) -> [UInt8] { text.utf8.filter { $0 != 0 } + [0] }

    // MARK: - Listening

    /// Takes the filter's next packet.
    package mutating func take(_ packet: MilterPacket) throws(MilterFault) {
        guard isWaiting else { throw .unexpected(packet.command) }
        if case .negotiating = state { return try negotiated(packet) }
        let isEnd = state == .step(.endOfMail, 0)
        switch Character(UnicodeScalar(packet.command)) {
        case "c": isEnd ? end(.accept) : (isWaiting = false)
        case "a": end(.accept)
        case "d": end(.discard)
        case "r": refused(nil)
        case "t": end(.temporaryFailure(nil))
        case "y": try replied(packet)
        case "s":
            guard isReadingBody else { throw .unexpected(packet.command) }
            (isWaiting, isReadingBody, skipsBody) = (false, false, true)
            state = .step(.endOfMail, 0)
        // It goes on thinking.
        case "p": break
        case "4", "f": throw .closed
        case "h" where isEnd, "i" where isEnd, "m" where isEnd: try changed(packet)
        case "q" where isEnd: verdict.quarantine = text(packet.data)
        // Not offered: recipients, reverse-path and body stay what they are.
        case "+" where isEnd, "2" where isEnd, "-" where isEnd, "e" where isEnd, "b" where isEnd: break
        default: throw .unexpected(packet.command)
        }
    }

    private mutating func negotiated(_ packet: MilterPacket) throws(MilterFault) {
        guard packet.command == UInt8(ascii: "O") else { throw .unexpected(packet.command) }
        guard packet.data.count >= 12 else { throw .malformed(packet.command) }
        let values = (0..<3).map { index in
            packet.data[index * 4..<index * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        guard values[0] >= Self.oldestVersion else { throw .badNegotiation }
        // Filters ask for more than was offered (rspamd for every action): that is not done, and no reason to end.
        (version, options) = (min(values[0], Self.version), values[2] & Self.options)
        (state, isWaiting) = (.step(.connect, 0), false)
    }

    /// `550 5.7.1 Spam`: what kind of refusal it is, its first digit says.
    private mutating func replied(_ packet: MilterPacket) throws(MilterFault) {
        guard let text = text(packet.data), let first = text.first else { throw .malformed(packet.command) }
        switch first {
        case "4": end(.temporaryFailure(text))
        case "5": refused(text)
        default: throw .malformed(packet.command)
        }
    }

    /// A refused recipient is refused alone; the mail was accepted for all of them at once, so that it stays here.
    private mutating func refused(_ text: String?) { end(.reject(text)) }

    private mutating func changed(_ packet: MilterPacket) throws(MilterFault) {
        var rest = packet.data[...]
        var index = 0
        if packet.command != UInt8(ascii: "h") {
            guard rest.count >= 4 else { throw .malformed(packet.command) }
            index = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
        }
        let parts = rest.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count >= 2, Self.isName(parts[0]) else { throw .malformed(packet.command) }
        let (name, value) = (Array(parts[0]), Self.folded(parts[1]))
        if packet.command == UInt8(ascii: "m") {
            verdict.changes.append(
                .replace(name: name, occurrence: max(1, index), value: value.isEmpty ? nil : value))
        } else {
            verdict.changes.append(.add(name: name, value: value))
        }
        if verdict.changes.count > Self.maximumChanges { throw .malformed(packet.command) }
    }

    /// How many fields a filter may change.
    package static let maximumChanges = 200

    private static func isName(_ octets: ArraySlice<UInt8>) -> Bool {
        (1...200).contains(octets.count) && octets.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
    }

    /// Lines end with CRLF and go on with white space, so that a value can never become another field.
    private static func folded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var lines = value.split(separator: 0x0A).map { $0.filter { $0 != 0x0D } }.filter { line in
            line.contains { $0 != 0x20 && $0 != 0x09 }
        }
        for index in lines.indices.dropFirst() where lines[index].first != 0x20 && lines[index].first != 0x09 {
            lines[index].insert(0x09, at: 0)
        }
        return Array(lines.joined(separator: [0x0D, 0x0A]))
    }

    private func text(_ data: [UInt8]) -> String? {
        let octets = data.prefix { $0 != 0 }.prefix(Self.maximumText)
        let printable = octets.map { (0x20...0x7E).contains($0) ? $0 : 0x20 }
        return printable.isEmpty ? nil : String(decoding: printable, as: UTF8.self)
    }

    /// Octets of a filter's words that are passed on.
    private static let maximumText = 400

    private mutating func end(_ decision: MilterVerdict.Decision) {
        verdict.decision = decision
        (state, isWaiting, isReadingBody) = (.ended(verdict), false, false)
    }
}
