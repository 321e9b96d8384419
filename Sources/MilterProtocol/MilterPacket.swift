/// One message of the milter dialogue, in either direction: a command of one octet and its data, behind a length of four
/// octets in network order.
package struct MilterPacket: Equatable, Sendable {
    package var command: UInt8
    package var data: [UInt8]

    package init(_ command: Character, _ data: [UInt8] = []) {
        (self.command, self.data) = (command.asciiValue ?? 0, data)
    }

    init(command: UInt8, data: [UInt8]) { (self.command, self.data) = (command, data) }

    /// As it goes over the connection.
    package var encoded: [UInt8] {
        Self.integer(UInt32(truncatingIfNeeded: data.count + 1)) + [command] + data
    }

    /// A text as milters write one: up to a NUL.
    static func terminated(_ text: String) -> [UInt8] { text.utf8.filter { $0 != 0 } + [0] }

    static func integer(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Cuts what a filter sends into packets.
package struct MilterPacketReader: Sendable {
    /// Octets of the longest packet that is taken: what a filter adds to a header, or says, is far less.
    package static let maximumLength = 1 << 20

    private var input: [UInt8] = []
    private var start = 0

    package init() {}

    /// Takes octets from the connection.
    package mutating func append(_ octets: some Sequence<UInt8>) {
        if start > 65536 || start == input.count {
            input.removeFirst(start)
            start = 0
        }
        input += octets
    }

    /// Octets that are not part of a packet yet that was asked for.
    package var waitingOctets: Int { input.count - start }

    /// The next whole packet; `nil`: more octets are needed. Throws for one that is empty or too long.
    package mutating func next() throws(MilterFault) -> MilterPacket? {
        guard input.count - start >= 4 else { return nil }
        let length = input[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard (1...Self.maximumLength).contains(length) else { throw .badPacketLength(length) }
        guard input.count - start - 4 >= length else { return nil }
        let body = start + 5
        let packet = MilterPacket(command: input[start + 4], data: Array(input[body..<start + 4 + length]))
        start += 4 + length
        return packet
    }
}

/// Why a dialogue with a filter cannot go on.
package enum MilterFault: Error, Equatable, CustomStringConvertible {
    case badPacketLength(Int)
    /// The filter speaks a version that is too old.
    case badNegotiation
    /// What the filter answers has no meaning at this point.
    case unexpected(UInt8)
    case malformed(UInt8)
    /// It closed the connection, or said that it will.
    case closed

    package var description: String {
        switch self {
        case .badPacketLength(let length): "a packet of \(length) octets"
        case .badNegotiation: "it speaks a version that is too old"
        case .unexpected(let command): "an answer out of turn: \(Self.shown(command))"
        case .malformed(let command): "a malformed answer: \(Self.shown(command))"
        case .closed: "it closed the connection"
        }
    }

    private static func shown(_ command: UInt8) -> String {
        (0x21...0x7E).contains(command) ? String(UnicodeScalar(command)) : "octet \(command)"
    }
}
