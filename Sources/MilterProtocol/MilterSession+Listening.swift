/// What a filter answers.
extension MilterSession {
    /// Takes the filter's next packet.
    package mutating func take(_ packet: MilterPacket) throws(MilterFault) {
        guard isWaiting else { throw .unexpected(packet.command) }
        guard isNegotiated else { return try negotiate(packet) }
        guard case .telling(let step, _, _) = state else { throw .unexpected(packet.command) }
        let isEnd = step == .endOfMail
        switch Character(UnicodeScalar(packet.command)) {
        case "c": proceed(step)
        case "a": accepted(at: step)
        case "d": try discarded(at: step)
        case "r": refused(.reject(nil), at: step)
        case "t": refused(.temporaryFailure(nil), at: step)
        case "y": try replied(packet, at: step)
        case "s":
            guard isReadingBody else { throw .unexpected(packet.command) }
            (isWaiting, isReadingBody, skipsBody) = (false, false, true)
            state = .telling(.endOfMail, [], index: 0)
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

    private mutating func negotiate(_ packet: MilterPacket) throws(MilterFault) {
        guard packet.command == UInt8(ascii: "O") else { throw .unexpected(packet.command) }
        guard packet.data.count >= 12 else { throw .malformed(packet.command) }
        let values = (0..<3).map { index in
            packet.data[index * 4..<index * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        guard values[0] >= Self.oldestVersion else { throw .badNegotiation }
        // Filters ask for more than was offered (rspamd for every action): that is not done, and no reason to end.
        negotiated = (min(values[0], Self.version), values[2] & Self.offeredOptions)
        (isNegotiated, isWaiting) = (true, false)
    }

    /// Continue.
    private mutating func proceed(_ step: MilterStep) {
        switch step {
        case .connect, .helo, .mail, .recipient, .data: settle(.accept)
        case .header, .endOfHeader, .body: isWaiting = false
        case .endOfMail: end(.accept)
        }
    }

    /// Of a connection, or of a mail, the filter wants to hear no more: one recipient is no mail.
    private mutating func accepted(at step: MilterStep) {
        switch step {
        case .connect, .helo: settle(.accept, rest: .connection(.accept))
        case .mail, .recipient, .data: settle(.accept, rest: .mail(.accept))
        case .header, .endOfHeader, .body, .endOfMail: end(.accept)
        }
    }

    private mutating func discarded(at step: MilterStep) throws(MilterFault) {
        switch step {
        // There is no mail yet.
        case .connect, .helo: throw .unexpected(UInt8(ascii: "d"))
        case .mail, .recipient, .data: settle(.discard, rest: .mail(.discard))
        case .header, .endOfHeader, .body, .endOfMail: end(.discard)
        }
    }

    /// A refused recipient is refused alone; a refused connection stays so.
    private mutating func refused(_ decision: MilterVerdict.Decision, at step: MilterStep) {
        switch step {
        case .connect, .helo: settle(decision, rest: .connection(decision))
        case .mail, .data: settle(decision, rest: .mail(decision))
        case .recipient: settle(decision)
        case .header, .endOfHeader, .body, .endOfMail: end(decision)
        }
    }

    /// `550 5.7.1 Spam`: what kind of refusal it is, its first digit says.
    private mutating func replied(_ packet: MilterPacket, at step: MilterStep) throws(MilterFault) {
        guard let text = text(packet.data), let first = text.first else { throw .malformed(packet.command) }
        switch first {
        case "4": refused(.temporaryFailure(text), at: step)
        case "5": refused(.reject(text), at: step)
        default: throw .malformed(packet.command)
        }
    }

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
}
