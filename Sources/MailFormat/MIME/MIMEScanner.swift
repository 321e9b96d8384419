/// Reads a message in pieces and finds its structure (RFC 2046): header sections are kept until they are understood,
/// bodies are only counted. Memory stays bounded whatever arrives, and nothing that arrives is an error.
///
///     var scanner = MIMEScanner()
///     for chunk in chunks { scanner.consume(chunk) }
///     let structure = scanner.finish()
///     let header = scanner.header  // the message's own header section; known as soon as its empty line was consumed
package struct MIMEScanner: Sendable {
    /// What a message may not exceed to be understood whole; beyond, parts are left as they are.
    package struct Limits: Sendable {
        /// Parts in all; further boundaries are not looked at.
        package var parts = 10_000
        /// Multiparts and messages within each other; deeper ones are left closed.
        package var nesting = 100
        /// Of one header section; for the message itself and for the parts.
        package var headerOctets = HeaderSection.parsedLimit
        /// Of a boundary, the octets that count.
        package var boundaryOctets = 250

        package init() {}
    }

    private enum State {
        case header
        case body
        /// In the rest of a boundary line; what comes after it.
        case boundaryLine(isClosing: Bool)
    }

    private struct OpenPart: Sendable {
        var part = BodyPart()
        var boundary: [UInt8] = []
        /// White space at the end of the boundary as the field has it, which must not be there (RFC 2046 §5.1.1) and
        /// which mails have or have lost in the boundary lines.
        var boundaryPadding: [UInt8] = []
        var isDigest = false
        var lineCountAtBody = 0
    }

    private enum Judgement {
        case ordinary
        case emptyLine
        case boundary(level: Int, isClosing: Bool)
    }

    private let limits: Limits
    private var state = State.header
    private var stack: [OpenPart] = [OpenPart()]
    private var partCount = 1
    private var budget = BodyPart.Budget()
    /// Levels of the stack whose boundary may still come.
    private var openBoundaries: [Int] = []
    private var longestBoundary = 0

    private var headerOctets: [UInt8] = []
    /// The beginning of a line that cannot be judged yet.
    private var pending: [UInt8] = []
    private var isMidLine = false

    /// Octets consumed.
    package private(set) var octetCount = 0
    private var lineCount = 0
    private var lastOctet: UInt8 = 0
    /// Octets of the line end before the current line.
    private var lastLineEnd = 0
    private var bodyStart: Int?

    /// The message's own header section with its empty line. One that reaches the limit ends there, and the rest of it
    /// counts as body.
    package private(set) var header: HeaderSection?
    /// How long the message's own header section is, empty line included; `nil` until it ended.
    package var headerLength: Int? { bodyStart }

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes the next piece of the message, of any size.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if isMidLine {
                index = consumeRestOfLine(bytes, from: index)
            } else if case .body = state, openBoundaries.isEmpty {
                consumeUnbounded(UnsafeRawBufferPointer(rebasing: bytes[index...]))
                return
            } else {
                index = consumeLineStart(bytes, from: index)
            }
        }
    }

    /// Takes the next piece of the message.
    package mutating func consume(_ bytes: [UInt8]) { bytes.withUnsafeBytes { consume($0) } }

    /// The message ended.
    package mutating func finish() -> MIMEStructure {
        if !pending.isEmpty {
            let line = pending
            pending = []
            line.withUnsafeBytes { take(judge($0), line: $0) }
        }
        if case .header = state { endHeader(at: octetCount) }
        close(downTo: 0, at: octetCount, lineEnd: 0, lines: lineCount)
        var root = stack[0].part
        root.bodyLength = max(0, octetCount - (bodyStart ?? octetCount))
        root.lineCount = max(0, lineCount - stack[0].lineCountAtBody)
        stack[0].part = root
        return MIMEStructure(root: root)
    }

    // MARK: Lines

    /// The leaf that reaches to the end of the message: nothing but counting is left to do.
    private mutating func consumeUnbounded(_ bytes: UnsafeRawBufferPointer) {
        octetCount += bytes.count
        lineCount += Octets.lineFeedCount(in: bytes)
    }

    private mutating func consumeRestOfLine(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let lineFeed = Octets.firstIndex(of: .lineFeed, in: bytes, from: start)
        let end = lineFeed.map { $0 + 1 } ?? bytes.count
        if case .header = state {
            let room = limits.headerOctets - headerOctets.count
            if bodyStart == nil, end - start > room { return cutHeader(bytes, at: start + max(0, room), from: start) }
            keepHeader(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
        octetCount += end - start
        if let lineFeed {
            let before = lineFeed > start ? bytes[lineFeed - 1] : lastOctet
            endLine(isCRLF: before == .carriageReturn)
        }
        lastOctet = bytes[end - 1]
        return end
    }

    /// The message's own header section reached its limit: what follows is body, so that header section and body
    /// together are the message.
    private mutating func cutHeader(_ bytes: UnsafeRawBufferPointer, at end: Int, from start: Int) -> Int {
        keepHeader(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        octetCount += end - start
        if end > start { lastOctet = bytes[end - 1] }
        endHeader()
        return end
    }

    private mutating func endLine(isCRLF: Bool) {
        lineCount += 1
        lastLineEnd = isCRLF ? 2 : 1
        isMidLine = false
        if case .boundaryLine(let isClosing) = state { beginAfterBoundary(isClosing: isClosing) }
    }

    private mutating func consumeLineStart(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let isHeader = if case .header = state { true } else { false }
        let first = pending.first ?? bytes[start]
        let mayBeBoundary = first == UInt8(ascii: "-") && !openBoundaries.isEmpty
        let mayBeEmpty = isHeader && (first == .carriageReturn || first == .lineFeed)
        guard mayBeBoundary || mayBeEmpty else {
            isMidLine = true
            return start
        }
        // What is needed to judge: the whole line, or as much of it as the longest boundary with its dashes.
        let needed = (mayBeEmpty ? 2 : longestBoundary + 4) - pending.count
        let available = min(bytes.count - start, needed)
        let lineFeed = Octets.firstIndex(
            of: .lineFeed, in: UnsafeRawBufferPointer(rebasing: bytes[start..<start + available]), from: 0)
        let taken = lineFeed.map { $0 + 1 } ?? available
        let isComplete = lineFeed != nil || available == needed
        let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<start + taken])
        octetCount += taken
        if isComplete, pending.isEmpty {
            take(judge(slice), line: slice)
        } else {
            pending += slice
            if isComplete {
                let line = pending
                pending = []
                line.withUnsafeBytes { take(judge($0), line: $0) }
            }
        }
        return start + taken
    }

    private func judge(_ line: UnsafeRawBufferPointer) -> Judgement {
        if case .header = state {
            if line[0] == .lineFeed { return .emptyLine }
            if line.count > 1, line[0] == .carriageReturn, line[1] == .lineFeed { return .emptyLine }
        }
        guard line.count > 2, line[0] == UInt8(ascii: "-"), line[1] == UInt8(ascii: "-") else { return .ordinary }
        let text = UnsafeRawBufferPointer(rebasing: line[2...])
        // The line need only begin with the boundary (RFC 2046 §5.1.1); where several fit, as with `b` and `b-inner`,
        // the longest is meant, and of equal ones the innermost.
        var best: Int?
        var bestLength = 0
        for level in openBoundaries.reversed() {
            let length = stack[level].boundary.count
            guard length > bestLength, length <= text.count,
                stack[level].boundary.withUnsafeBytes({ $0.elementsEqual(text[..<length]) })
            else { continue }
            (best, bestLength) = (level, length)
        }
        guard let best else { return .ordinary }
        var rest = text[(text.startIndex + bestLength)...]
        if rest.starts(with: stack[best].boundaryPadding) { rest = rest.dropFirst(stack[best].boundaryPadding.count) }
        return .boundary(level: best, isClosing: rest.starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")]))
    }

    /// Acts on a judged line; `line` may be its beginning only and is already counted in `octetCount`.
    private mutating func take(_ judgement: Judgement, line: UnsafeRawBufferPointer) {
        let lineStart = octetCount - line.count
        let isWhole = line[line.count - 1] == .lineFeed
        let isCRLF = line.count > 1 && line[line.count - 2] == .carriageReturn
        lastOctet = line[line.count - 1]
        switch judgement {
        case .ordinary:
            if case .header = state { keepHeader(line) }
        case .emptyLine:
            keepHeader(line)
            lineCount += 1
            lastLineEnd = line.count
            endHeader()
            return
        case .boundary(let level, let isClosing):
            if case .header = state { endHeader(at: lineStart) }
            close(downTo: level, at: lineStart, lineEnd: lastLineEnd, lines: lineCount)
            state = .boundaryLine(isClosing: isClosing)
        }
        isMidLine = true
        if isWhole { endLine(isCRLF: isCRLF) }
    }

    // MARK: Header sections

    private mutating func keepHeader(_ bytes: UnsafeRawBufferPointer) {
        let room = limits.headerOctets - headerOctets.count
        if room > 0 { headerOctets += bytes.prefix(room) }
    }

    /// `place`: where the body begins, if a boundary cut the header section short.
    private mutating func endHeader(at place: Int? = nil) {
        let level = stack.count - 1
        let section = HeaderSection(headerOctets)
        headerOctets = []
        let isFirst = bodyStart == nil
        let end = place ?? octetCount
        if isFirst {
            bodyStart = end
            header = section
        }
        let base = bodyStart ?? end
        let isInDigest = level > 0 && stack[level - 1].isDigest
        stack[level].part.readFields(of: section, isInDigest: isInDigest, budget: &budget)
        stack[level].part.headerLength = isFirst ? 0 : end - base - stack[level].part.headerOffset
        stack[level].part.bodyOffset = end - base
        stack[level].lineCountAtBody = lineCount
        if level > 0, stack[level - 1].part.isMessage {
            stack[level - 1].part.envelope = budget.takeWhole(IMAPEnvelope.render(section))
        }
        state = .body
        guard stack.count < limits.nesting, partCount < limits.parts else { return }
        guard place == nil else {
            addEmptyMessage(level)
            return
        }
        if stack[level].part.isMultipart {
            openMultipart(level)
        } else if stack[level].part.isMessage {
            openPart()
        }
    }

    /// A message part that a boundary ended before its message began holds an empty one.
    private mutating func addEmptyMessage(_ level: Int) {
        guard stack[level].part.isMessage else { return }
        partCount += 1
        var message = BodyPart()
        message.headerOffset = stack[level].part.bodyOffset
        message.bodyOffset = message.headerOffset
        stack[level].part.envelope = budget.takeWhole(IMAPEnvelope.render(HeaderSection([UInt8]())))
        stack[level].part.children = [message]
    }

    private mutating func openMultipart(_ level: Int) {
        let type = stack[level].part.mediaType
        let plain = type.parameters.first { Octets.areEqualIgnoringCase($0.name, "boundary") }?.value
        guard let value = plain ?? type.parameter("boundary").map({ Array($0.utf8) }) else { return }
        let trimmed = value.trimmed.prefix(limits.boundaryOctets)
        guard !trimmed.isEmpty else { return }
        stack[level].boundary = Array(trimmed)
        stack[level].boundaryPadding = Array(value[trimmed.endIndex...].prefix { $0.isWhitespace }.prefix(10))
        stack[level].isDigest = stack[level].part.mediaType.is("multipart", "digest")
        openBoundaries.append(level)
        longestBoundary = max(longestBoundary, trimmed.count + stack[level].boundaryPadding.count)
    }

    private mutating func openPart() {
        partCount += 1
        var open = OpenPart()
        open.part.headerOffset = octetCount - (bodyStart ?? octetCount)
        stack.append(open)
        state = .header
    }

    // MARK: Ends of parts

    private mutating func beginAfterBoundary(isClosing: Bool) {
        let level = stack.count - 1
        if isClosing {
            // What follows is the epilogue of this multipart.
            openBoundaries.removeAll { $0 == level }
            state = .body
        } else if partCount >= limits.parts {
            openBoundaries.removeAll()
            state = .body
        } else {
            openPart()
        }
    }

    /// Ends all parts above `level`; `place` is where the boundary line begins. The line end before it is part of the
    /// delimiter and neither of a body nor of a header section (RFC 2046 §5.1.1), unless it ends another boundary line.
    private mutating func close(downTo level: Int, at place: Int, lineEnd: Int, lines: Int) {
        let end = place - (bodyStart ?? place)
        var limit = end
        if level + 1 < stack.count, end - lineEnd >= stack[level + 1].part.headerOffset, !endsInMessageHeader(at: end) {
            limit = end - lineEnd
        }
        while stack.count - 1 > level {
            var open = stack.removeLast()
            open.part.bodyLength = max(0, end - open.part.bodyOffset)
            let endsWithLine = limit < end
            open.part.lineCount = max(0, lines - open.lineCountAtBody - (endsWithLine ? 1 : 0))
            // What ended before, an inner multipart's closing boundary line for one, keeps its own end.
            if endsWithLine { open.part.cut(at: limit) }
            stack[stack.count - 1].part.children.append(open.part)
        }
        openBoundaries.removeAll { $0 > level }
    }

    /// A message that is nothing but a header section keeps its last line end, without which its last field would not
    /// end, or its empty line would be lost.
    private func endsInMessageHeader(at end: Int) -> Bool {
        guard stack.count > 1, let last = stack.last?.part else { return false }
        return stack[stack.count - 2].part.isMessage && last.bodyOffset == end && last.headerLength > 0
    }
}

extension BodyPart {
    /// Lets nothing of the part reach beyond `limit`; only what stands last in it can.
    fileprivate mutating func cut(at limit: Int) {
        let headerEnd = min(headerOffset + headerLength, limit)
        let bodyEnd = min(end, limit)
        headerOffset = min(headerOffset, limit)
        headerLength = headerEnd - headerOffset
        bodyOffset = min(bodyOffset, limit)
        bodyLength = bodyEnd - bodyOffset
        guard let last = children.indices.last, children[last].end > limit || children[last].bodyOffset > limit else {
            return
        }
        children[last].cut(at: limit)
    }
}
