/// Carries a `SevenBitPlan` out: all octets of the message in, piece by piece, and octets below 128 out.
package struct SevenBitConverter: Sendable {
    /// A stretch of the message that does not stay as it is.
    private struct Stretch: Sendable {
        var range: Range<Int>
        var work: Work
    }

    private enum Work: Sendable {
        /// A header section, kept until it is whole; its part.
        case header(SevenBitPlan.Part, [UInt8])
        case quotedPrintable(QuotedPrintableEncoder)
        case base64(Base64Encoder)
        case escape
        case drop
    }

    /// In the order of the message; the first is the next or under way.
    private var stretches: ArraySlice<Stretch>
    private var position = 0

    /// The plan must be possible.
    package init(_ plan: SevenBitPlan) {
        precondition(plan.isPossible, "a message is converted that cannot be")
        var stretches: [Stretch] = []
        for part in plan.parts {
            if part.newEncoding != nil { stretches.append(Stretch(range: part.header, work: .header(part, []))) }
            guard part.isEightBit, let body = part.body else { continue }
            let work: Work =
                switch part.method {
                case .quotedPrintable: .quotedPrintable(QuotedPrintableEncoder())
                case .base64: .base64(Base64Encoder())
                case .escape: .escape
                case .drop: .drop
                case .impossible: preconditionFailure("a part is converted that cannot be")
                }
            stretches.append(Stretch(range: body, work: work))
        }
        self.stretches = stretches[...]
    }

    /// Adds what the next octets become to `output`.
    package mutating func convert(_ octets: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var rest = octets[...]
        while !rest.isEmpty {
            var end = Int.max
            var isWithin = false
            if let stretch = stretches.first {
                isWithin = stretch.range.lowerBound <= position
                end = isWithin ? stretch.range.upperBound : stretch.range.lowerBound
            }
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(end - position))
            if isWithin { work(on: piece, into: &output) } else { Self.copy(piece, into: &output) }
            position += piece.count
            rest = rest.dropFirst(piece.count)
            if isWithin, position == end { endStretch(into: &output) }
        }
    }

    /// The message ended, where the plan says or before.
    package mutating func finish(into output: inout [UInt8]) {
        if let stretch = stretches.first, stretch.range.lowerBound < position { endStretch(into: &output) }
    }

    /// Between parts, in preambles and epilogues, may stand what nobody reads.
    private static func copy(_ octets: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        for octet in octets { output.append(octet < 0x80 ? octet : UInt8(ascii: "?")) }
    }

    private mutating func work(on octets: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        let first = stretches.startIndex
        switch stretches[first].work {
        case .header(let part, var kept):
            stretches[first].work = .drop
            kept += octets
            stretches[first].work = .header(part, kept)
        case .quotedPrintable(var encoder):
            encoder.encode(octets, into: &output)
            stretches[first].work = .quotedPrintable(encoder)
        case .base64(var encoder):
            stretches[first].work = .drop
            encoder.encode(octets, into: &output)
            stretches[first].work = .base64(encoder)
        case .escape: for octet in octets { QuotedPrintableEncoder.escape(octet, into: &output) }
        case .drop: for octet in octets where octet < 0x80 { output.append(octet) }
        }
    }

    private mutating func endStretch(into output: inout [UInt8]) {
        switch stretches.removeFirst().work {
        case .header(let part, let kept): output += Self.rewritten(kept, part)
        case .quotedPrintable(var encoder): encoder.finish(into: &output)
        case .base64(var encoder): encoder.finish(into: &output)
        case .escape, .drop: break
        }
    }

    /// A header section with the new encoding in the place of the old.
    private static func rewritten(_ header: [UInt8], _ part: SevenBitPlan.Part) -> [UInt8] {
        guard let encoding = part.newEncoding else { return header }
        let section = HeaderSection(header)
        var result: [UInt8] = []
        for field in section.fields where !section.isNamed(field, "Content-Transfer-Encoding") {
            result += section.octets[field.range]
        }
        result += section.octets[section.parsedEnd..<section.fieldsEnd]
        if let last = result.last, last != .lineFeed { result += [.carriageReturn, .lineFeed] }
        if part.isMessage, !section.contains("MIME-Version") { result += "MIME-Version: 1.0\r\n".utf8 }
        result += "Content-Transfer-Encoding: \(encoding)\r\n".utf8
        return result + section.octets[section.fieldsEnd...]
    }
}
