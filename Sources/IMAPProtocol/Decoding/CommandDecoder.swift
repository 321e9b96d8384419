import MailTypes
package import NIOCore

/// Turns what a client sends into events (RFC 3501 §2.2.1, §4.3). Feed it with `receive`, then take `next()` until it
/// is `nil`, carrying out each event before the next is taken:
///
///     decoder.receive(buffer)                 // "a LOGIN joe {6+}\r\nsecret\r\nb NOOP\r\n"
///     decoder.next()                          // .command("a", .login("joe", …))
///     decoder.next()                          // .command("b", .noop)
///     decoder.next()                          // nil: waits for more
///
/// It waits for the session in two places only: behind `.appendBegan` and `.appendContinued` for `acceptAppend()` or
/// `refuseAppend()`, behind the command STARTTLS for `startTLSAccepted()` or `startTLSRefused()`. IDLE and AUTHENTICATE
/// need no mode to be set: DONE alone on a line is no command, and a line without a space after AUTHENTICATE is none
/// either, so that a refused exchange and commands sent right behind DONE stay in step.
///
/// A line ends with CRLF; LF alone passes too. Empty lines are skipped.
package struct CommandDecoder {
    /// The session raises them after login.
    package var limits: DecoderLimits
    /// Set after ENABLE UTF8=ACCEPT or IMAP4rev2: names are UTF-8 and `&` has no meaning.
    package var usesUTF8 = false
    /// Set after ENABLE UTF8=ACCEPT: no command names a charset, for there is but one (RFC 6855 §3, erratum 4029).
    package var refusesCharset = false

    private enum State {
        /// Gathering a command from the reader index on.
        case gathering(Gathering)
        case decidingAppend(Append)
        /// The session let a synchronising literal through.
        case askingForMessage(Append)
        case receivingMessage(Append, remaining: Int)
        /// Behind a message: CRLF, or another one.
        case afterMessage(Append)
        case skippingLine
        case skippingLiteral(remaining: Int)
        case decidingStartTLS
        case failed
    }

    /// How far the command at the reader index was looked through.
    private struct Gathering {
        /// Octets before which no line end has to be looked for: lines already seen and literals, come or to come.
        var scanned = 0
        /// Where the search for a line end goes on.
        var searched = 0
        var literalCount = 0
        var literalSum = 0
    }

    private struct Append {
        var octetCount: Int
        var isSynchronizing: Bool
        /// A parenthesis is to come behind the literal.
        var isUTF8: Bool
        /// REPLACE takes one message only.
        var isReplace: Bool

        init(_ message: AppendMessage, isSynchronizing: Bool, isReplace: Bool) {
            (octetCount, isUTF8) = (message.octetCount, message.isUTF8)
            (self.isSynchronizing, self.isReplace) = (isSynchronizing, isReplace)
        }
    }

    private var state = State.gathering(Gathering())
    private var buffer = ByteBuffer()
    private var isAuthenticating = false
    /// Octets of literals thrown away since the last whole command, and of the line under way.
    private var skippedLiterals = 0
    private var skippedOfLine = 0

    package init(limits: DecoderLimits = .unauthenticated) { self.limits = limits }

    /// Takes octets from the wire. Where nothing waits, the buffer is kept as it is, without a copy.
    package mutating func receive(_ octets: ByteBuffer) {
        if case .failed = state { return }
        if buffer.readableBytes == 0 {
            buffer = octets
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(octets)
        }
    }

    /// Octets that were received and not yet read.
    package var bufferedOctets: Int { buffer.readableBytes }

    /// The next event; `nil` if more octets are needed, the session has to decide, or all is over.
    package mutating func next() -> CommandEvent? {
        while true {
            switch step() {
            case .event(let event): return event
            case .again: continue
            case .wait:
                // An idle connection keeps no memory.
                if buffer.readableBytes == 0 { buffer = ByteBuffer() }
                return nil
            }
        }
    }

    /// The message announced by `.appendBegan` or `.appendContinued` is wanted.
    package mutating func acceptAppend() {
        guard case .decidingAppend(let append) = state else { preconditionFailure("no APPEND waits for a decision") }
        state =
            append.isSynchronizing
            ? .askingForMessage(append) : .receivingMessage(append, remaining: append.octetCount)
    }

    /// It is not: the session answers the command with NO. What the client sends of it without asking is skipped.
    package mutating func refuseAppend() {
        guard case .decidingAppend(let append) = state else { preconditionFailure("no APPEND waits for a decision") }
        state = append.isSynchronizing ? .gathering(Gathering()) : .skippingLiteral(remaining: append.octetCount)
    }

    /// TLS begins: what the client sent in the clear behind STARTTLS is never read as commands (CVE-2011-0411).
    package mutating func startTLSAccepted() {
        guard case .decidingStartTLS = state else { preconditionFailure("no STARTTLS waits for a decision") }
        buffer = ByteBuffer()
        isAuthenticating = false
        state = .gathering(Gathering())
    }

    /// STARTTLS was answered with NO or BAD.
    package mutating func startTLSRefused() {
        guard case .decidingStartTLS = state else { preconditionFailure("no STARTTLS waits for a decision") }
        state = .gathering(Gathering())
    }

    // MARK: Steps

    private enum Step {
        case event(CommandEvent)
        case again
        case wait
    }

    private mutating func step() -> Step {
        switch state {
        case .gathering(let gathering): gather(gathering)
        case .decidingAppend, .decidingStartTLS, .failed: .wait
        case .askingForMessage(let append): askForMessage(append)
        case .receivingMessage(let append, let remaining): receiveMessage(append, remaining)
        case .afterMessage(let append): continueAppend(append)
        case .skippingLine: skipLine()
        case .skippingLiteral(let remaining): skipLiteral(remaining)
        }
    }

    private mutating func gather(_ gathering: Gathering) -> Step {
        var gathering = gathering
        let end = lineEnd(from: max(gathering.scanned, gathering.searched))
        let commandLength = end ?? max(buffer.readableBytes, gathering.scanned)
        guard commandLength - gathering.literalSum <= limits.lineLength else {
            return refuseGathered(gathering, limits.lineTooLong)
        }
        guard let end else {
            gathering.searched = buffer.readableBytes
            state = .gathering(gathering)
            return .wait
        }
        if gathering.literalCount == 0, let step = takeLineOutsideCommands(end) { return step }
        if let literal = literalHead(from: gathering.scanned, to: end) {
            return announced(literal, &gathering, lineEnd: end)
        }
        return parseCommand(end)
    }

    /// DONE, the lines of SASL and empty lines.
    private mutating func takeLineOutsideCommands(_ end: Int) -> Step? {
        let kind = withLine(from: 0, to: end) { line -> LineKind in
            if isAuthenticating, !line.contains(0x20) { return .authentication }
            if line.isEmpty { return .empty }
            let done: StaticString = "DONE"
            if line.count == 4, (0..<4).allSatisfy({ line[$0] & 0xDF == done.utf8Start[$0] }) { return .done }
            return .command
        }
        switch kind {
        case .command:
            isAuthenticating = false
            return nil
        case .empty:
            consume(end)
            return .again
        case .done:
            consume(end)
            return .event(.idleDone)
        case .authentication:
            let response = withLine(from: 0, to: end) { Base64.decode($0).map(Credential.init) }
            consume(end)
            return .event(response.map(CommandEvent.authenticationResponse) ?? .authenticationCancelled)
        }
    }

    private enum LineKind { case command, empty, done, authentication }

    /// A line of the command ends with the head of a literal.
    private mutating func announced(_ literal: LiteralHead, _ gathering: inout Gathering, lineEnd end: Int) -> Step {
        switch appendHead(end) {
        case .failure(let error):
            return refuseGathered(gathering, error.response)
        case .success(.message(let tag, let command)):
            return announcedMessage(tag, command, literal, gathering, lineEnd: end)
        case .success(.none):
            break
        }
        guard let count = literal.octetCount, count <= limits.literalSize else {
            return refuseGathered(gathering, limits.literalTooLarge)
        }
        guard gathering.literalCount < limits.literalCount, count <= limits.literalSum - gathering.literalSum else {
            return refuseGathered(gathering, limits.tooManyLiterals)
        }
        gathering.literalCount += 1
        gathering.literalSum += count
        gathering.scanned = end + count
        state = .gathering(gathering)
        return literal.isSynchronizing ? .event(.continuationRequested) : .again
    }

    private mutating func announcedMessage(
        _ tag: String, _ command: AppendCommand, _ literal: LiteralHead, _ gathering: Gathering, lineEnd end: Int
    ) -> Step {
        guard limits.messageSize > 0 else { return refuseGathered(gathering, .bad("Log in first")) }
        guard command.message.octetCount <= limits.messageSize else {
            return refuseGathered(gathering, limits.messageTooLarge)
        }
        consume(end)
        state = .decidingAppend(
            Append(command.message, isSynchronizing: literal.isSynchronizing, isReplace: command.replaced != nil))
        return .event(.appendBegan(tag: tag, command))
    }

    private mutating func parseCommand(_ end: Int) -> Step {
        let (limits, isUTF8, refusesCharset) = (limits, usesUTF8, refusesCharset)
        let event = withLine(from: 0, to: end) { line -> CommandEvent in
            var parser = CommandParser(line, limits: limits, isUTF8: isUTF8, refusesCharset: refusesCharset)
            guard let tag = parser.tag() else { return .refused(tag: nil, .bad("Expected a tag and a command")) }
            do throws(SyntaxError) {
                return .command(tag: tag, try parser.command())
            } catch {
                return .refused(tag: tag, error.response)
            }
        }
        consume(end)
        switch event {
        case .command(_, .startTLS): state = .decidingStartTLS
        case .command(_, .authenticate): isAuthenticating = true
        default: break
        }
        return .event(event)
    }

    // MARK: APPEND

    private mutating func askForMessage(_ append: Append) -> Step {
        state = .receivingMessage(append, remaining: append.octetCount)
        return .event(.continuationRequested)
    }

    private mutating func receiveMessage(_ append: Append, _ remaining: Int) -> Step {
        guard remaining > 0 else {
            state = .afterMessage(append)
            return .again
        }
        let count = min(remaining, buffer.readableBytes)
        guard count > 0, let octets = buffer.readSlice(length: count) else { return .wait }
        state = .receivingMessage(append, remaining: remaining - count)
        return .event(.appendOctets(octets))
    }

    private mutating func continueAppend(_ append: Append) -> Step {
        let end = lineEnd(from: 0)
        guard end ?? buffer.readableBytes <= limits.lineLength else {
            state = .skippingLine
            return .event(.appendAborted(limits.lineTooLong))
        }
        guard let end else { return .wait }
        let (limits, isUTF8) = (limits, usesUTF8)
        let outcome = withLine(from: 0, to: end) { line -> Result<AppendMessage?, SyntaxError> in
            var parser = CommandParser(line, limits: limits, isUTF8: isUTF8)
            do throws(SyntaxError) {
                if append.isUTF8 { try parser.expect(")") }
                guard parser.takeSpaceBeforeMore() else {
                    try parser.end()
                    return .success(nil)
                }
                if append.isReplace { throw SyntaxError("REPLACE takes one message") }
                return .success(try parser.appendMessage())
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(nil):
            consume(end)
            return .event(.appendEnded)
        case .success(let message?):
            guard message.octetCount <= limits.messageSize else {
                state = .skippingLine
                return .event(.appendAborted(limits.messageTooLarge))
            }
            let literal = literalHead(from: 0, to: end)
            consume(end)
            state = .decidingAppend(
                Append(message, isSynchronizing: literal?.isSynchronizing ?? true, isReplace: false))
            return .event(.appendContinued(message))
        case .failure(let error):
            state = .skippingLine
            return .event(.appendAborted(error.response))
        }
    }

    private func appendHead(_ end: Int) -> Result<CommandParser.AppendHead, SyntaxError> {
        withLine(from: 0, to: end) { line in
            var parser = CommandParser(line, limits: limits, isUTF8: usesUTF8)
            do throws(SyntaxError) {
                return .success(try parser.appendHead())
            } catch {
                return .failure(error)
            }
        }
    }

    // MARK: Recovery

    /// Answers the command at the reader index and goes on behind it: the lines seen so far are dropped, and the one
    /// under way is skipped with what it announces.
    private mutating func refuseGathered(_ gathering: Gathering, _ response: StatusResponse) -> Step {
        let tag = buffer.withUnsafeReadableBytes { octets -> String? in
            // A tag longer than a line may be is none, however much of it has come.
            let start = UnsafeRawBufferPointer(rebasing: octets.prefix(limits.lineLength))
            var parser = CommandParser(start, limits: limits, isUTF8: usesUTF8)
            return parser.tag()
        }
        buffer.moveReaderIndex(forwardBy: min(gathering.scanned, buffer.readableBytes))
        state = .skippingLine
        return .event(.refused(tag: tag, response))
    }

    /// Drops octets up to a line end. If the line announces a literal without waiting for us, that goes too, and the
    /// line behind it; if it waits, our answer has told it to stop.
    private mutating func skipLine() -> Step {
        let end = lineEnd(from: 0)
        let longest = max(limits.lineLength, limits.skippedLiteralSize)
        guard end ?? buffer.readableBytes <= longest - skippedOfLine else { return fail() }
        guard let end else {
            // The head of a literal at the end of the line must be seen whole.
            let excess = max(0, buffer.readableBytes - 64)
            buffer.moveReaderIndex(forwardBy: excess)
            skippedOfLine += excess
            return .wait
        }
        skippedOfLine = 0
        guard let literal = literalHead(from: 0, to: end), !literal.isSynchronizing else {
            consume(end)
            return .again
        }
        buffer.moveReaderIndex(forwardBy: end)
        guard let count = literal.octetCount, count <= limits.skippedLiteralSize - skippedLiterals else {
            return fail()
        }
        skippedLiterals += count
        state = .skippingLiteral(remaining: count)
        return .again
    }

    private mutating func skipLiteral(_ remaining: Int) -> Step {
        let count = min(remaining, buffer.readableBytes)
        buffer.moveReaderIndex(forwardBy: count)
        state = count == remaining ? .skippingLine : .skippingLiteral(remaining: remaining - count)
        return count == remaining ? .again : .wait
    }

    private mutating func fail() -> Step {
        state = .failed
        buffer = ByteBuffer()
        return .event(.failed(.bye("Too much to skip")))
    }

    // MARK: Lines

    /// Octets from the reader index to behind the next LF at or after an offset.
    private func lineEnd(from offset: Int) -> Int? {
        guard offset < buffer.readableBytes else { return nil }
        return buffer.withUnsafeReadableBytes { octets in
            octets[offset...].firstIndex(of: 0x0A).map { $0 + 1 }
        }
    }

    private func literalHead(from start: Int, to end: Int) -> LiteralHead? {
        withLine(from: start, to: end) { LiteralHead(endOf: $0) }
    }

    /// Lends octets without their last CRLF or LF, which they have.
    private func withLine<Result>(from start: Int, to end: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withUnsafeReadableBytes { octets in
            var last = end - 1
            if last > start, octets[last - 1] == 0x0D { last -= 1 }
            return body(UnsafeRawBufferPointer(rebasing: octets[start..<last]))
        }
    }

    /// A whole command or line is behind us.
    private mutating func consume(_ count: Int) {
        buffer.moveReaderIndex(forwardBy: count)
        skippedLiterals = 0
        state = .gathering(Gathering())
    }
}
