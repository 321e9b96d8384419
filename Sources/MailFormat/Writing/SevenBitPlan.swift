/// How a message with octets above 127 becomes one without (RFC 6152 §3): which parts get another transfer encoding. Made
/// of the message's structure, then shown all of its octets once, since a field that names an encoding stands before what
/// is encoded:
///
///     var plan = SevenBitPlan(structure, headerLength: length)
///     for piece in pieces { plan.look(at: piece) }
///     guard plan.isPossible else { … }
///     var converter = SevenBitConverter(plan)
package struct SevenBitPlan: Sendable {
    /// What is done with a body.
    enum Method: Sendable {
        case quotedPrintable
        case base64
        /// It is quoted-printable, and octets above 127 stand in it all the same.
        case escape
        /// It is base64, in which they mean nothing.
        case drop
        /// It may not be encoded, or it is signed.
        case impossible
    }

    struct Part: Sendable {
        /// Its header section, empty line included.
        var header: Range<Int>
        /// Nothing but a part with a body of its own is encoded.
        var body: Range<Int>?
        var method = Method.impossible
        /// Content-Transfer-Encoding names 8bit or binary.
        var isDeclared: Bool
        /// Of a message: MIME-Version belongs there.
        var isMessage: Bool
        /// Below a signature, which covers its octets.
        var isSigned: Bool
        /// Octets above 127 stand in the body.
        var isEightBit = false

        /// Content-Transfer-Encoding as it will be; `nil`: as it is.
        var newEncoding: StaticString? {
            guard isEightBit else { return isDeclared && !isSigned ? "7bit" : nil }
            return switch method {
            case .quotedPrintable: "quoted-printable"
            case .base64: "base64"
            case .escape, .drop, .impossible: nil
            }
        }
    }

    /// In the order of the message: a part stands behind the one that it is in.
    private(set) var parts: [Part] = []
    private var position = 0
    /// The part whose header section or body comes next or is under way.
    private var current = 0
    /// There is no way.
    private var isImpossible = false

    /// `headerLength`: octets of the message's own header section, empty line included.
    package init(_ structure: MIMEStructure, headerLength: Int, limits: MIMEScanner.Limits = MIMEScanner.Limits()) {
        add(structure.root, header: 0..<headerLength, base: headerLength, isMessage: true, isSigned: false)
        // Beyond the limit parts were left closed, and nobody knows where they begin.
        if parts.count >= limits.parts { isImpossible = true }
    }

    /// After all was shown: whether it can be done.
    package var isPossible: Bool { !isImpossible }

    private mutating func add(_ part: BodyPart, header: Range<Int>, base: Int, isMessage: Bool, isSigned: Bool) {
        let encoding = part.transferEncoding ?? []
        let isDeclared = ["8bit", "binary"].contains { Octets.areEqualIgnoringCase(encoding, $0) }
        var entry = Part(header: header, body: nil, isDeclared: isDeclared, isMessage: isMessage, isSigned: isSigned)
        guard part.children.isEmpty else {
            parts.append(entry)
            let signs = isSigned || part.mediaType.is("multipart", "signed")
            for child in part.children {
                let start = base + child.headerOffset
                add(
                    child, header: start..<start + child.headerLength, base: base, isMessage: part.isMessage,
                    isSigned: signs)
            }
            return
        }
        let start = base + part.bodyOffset
        entry.body = start..<start + part.bodyLength
        entry.method = isSigned ? .impossible : Self.method(part, encoding)
        parts.append(entry)
    }

    /// Multiparts and messages may not be encoded (RFC 2045 §6.4).
    private static func method(_ part: BodyPart, _ encoding: [UInt8]) -> Method {
        if part.isMultipart || part.mediaType.isOfType("message") { return .impossible }
        if Octets.areEqualIgnoringCase(encoding, "quoted-printable") { return .escape }
        if Octets.areEqualIgnoringCase(encoding, "base64") { return .drop }
        guard TransferDecoder.knows(encoding) else { return .impossible }
        return part.mediaType.isOfType("text") ? .quotedPrintable : .base64
    }

    /// Takes the next octets of the message.
    package mutating func look(at octets: UnsafeRawBufferPointer) {
        defer { position += octets.count }
        var index = 0
        while !isImpossible, index < octets.count {
            guard let next = octets[index...].firstIndex(where: { $0 >= 0x80 }) else { return }
            let place = position + next
            // Whatever ends before has been passed.
            while current < parts.count, parts[current].lastPlace <= place { current += 1 }
            guard current < parts.count else { return }
            let part = parts[current]
            if part.header.contains(place) {
                // What the octets of a header mean is not known.
                isImpossible = true
            } else if let body = part.body, body.contains(place) {
                parts[current].isEightBit = true
                if part.method == .impossible { isImpossible = true }
                index = body.upperBound - position
                continue
            }
            // Between parts stands what nobody reads.
            index = next + 1
        }
    }
}

extension SevenBitPlan.Part {
    /// Behind all that is its own.
    fileprivate var lastPlace: Int { max(header.upperBound, body?.upperBound ?? 0) }
}
