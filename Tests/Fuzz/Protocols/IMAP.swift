import FuzzKit
import IMAPProtocol
import MailTypes
import NIOCore

/// One command with whatever it brings.
func fuzzIMAPCommand(_ input: FuzzInput) {
    var limits = DecoderLimits.authenticated
    if input.chooses(0) { limits = .small }
    check(Array("t ".utf8) + input.octets, input, limits, usesUTF8: input.chooses(1))
}

/// A whole dialogue, before login and after it.
func fuzzIMAPDialogue(_ input: FuzzInput) {
    check(input.octets, input, input.chooses(0) ? .unauthenticated : .small, usesUTF8: false)
}

extension DecoderLimits {
    /// So small that the fuzzer gets there.
    fileprivate static let small = DecoderLimits(
        lineLength: 300, literalSize: 60, literalSum: 100, literalCount: 4, nesting: 3, listCount: 8, messageSize: 100,
        skippedLiteralSize: 150)
}

private func check(_ wire: [UInt8], _ input: FuzzInput, _ limits: DecoderLimits, usesUTF8: Bool) {
    var whole = IMAPDriver(limits, usesUTF8: usesUTF8, input)
    whole.feed([wire])
    var cut = IMAPDriver(limits, usesUTF8: usesUTF8, input)
    cut.feed(input.pieces(of: wire))
    must(whole.events == cut.events || whole.hasBegunTLS, "pieces change a dialogue: \(whole.events) \(cut.events)")
    whole.events.forEach(checkEvent)
    guard limits == .small, !whole.hasFailed else { return }
    // Behind all that may still be owed, a clean command is read.
    whole.feed([Array(repeating: UInt8(ascii: "x"), count: 250) + Array("\r\n\r\nlast NOOP\r\n".utf8)])
    must(whole.hasFailed || whole.events.contains(.command(tag: "last", .noop)), "out of step: \(whole.events)")
}

/// Plays the session: lets messages in or not, begins TLS or not, logs in.
private struct IMAPDriver {
    private(set) var events: [CommandEvent] = []
    private(set) var hasBegunTLS = false
    private(set) var hasFailed = false
    private var decoder: CommandDecoder
    private let input: FuzzInput

    init(_ limits: DecoderLimits, usesUTF8: Bool, _ input: FuzzInput) {
        decoder = CommandDecoder(limits: limits)
        decoder.usesUTF8 = usesUTF8
        self.input = input
    }

    mutating func feed(_ pieces: [[UInt8]]) {
        for piece in pieces {
            decoder.receive(ByteBuffer(bytes: piece))
            while let event = decoder.next() { perform(event) }
            let limits = decoder.limits
            must(
                decoder.bufferedOctets <= limits.lineLength + limits.literalSum + 64,
                "\(decoder.bufferedOctets) octets wait")
        }
    }

    private mutating func perform(_ event: CommandEvent) {
        must(!hasFailed, "an event behind the end")
        switch event {
        case .appendBegan, .appendContinued:
            must(decoder.limits.messageSize > 0, "APPEND before login")
            if input.chooses(2) { decoder.refuseAppend() } else { decoder.acceptAppend() }
        case .command(_, .startTLS): decideTLS()
        case .command(_, .login) where !input.chooses(4) && decoder.limits == .unauthenticated:
            decoder.limits = .authenticated
        case .command(_, .enable(let names)) where names.contains("UTF8=ACCEPT"): decoder.usesUTF8 = true
        case .failed: hasFailed = true
        default: break
        }
        keep(event)
    }

    private mutating func decideTLS() {
        guard input.chooses(3) else { return decoder.startTLSRefused() }
        hasBegunTLS = true
        decoder.startTLSAccepted()
        must(decoder.bufferedOctets == 0, "octets in the clear were kept for TLS")
    }

    /// Octets of one message are drawn together.
    private mutating func keep(_ event: CommandEvent) {
        if case .appendOctets(let octets) = event, case .appendOctets(var before)? = events.last {
            before.writeImmutableBuffer(octets)
            events[events.count - 1] = .appendOctets(before)
        } else {
            events.append(event)
        }
    }
}

private func checkEvent(_ event: CommandEvent) {
    switch event {
    case .refused(let tag, let response): checkResponse(tag, response)
    case .appendAborted(let response): checkResponse("a", response)
    case .failed(let response): checkResponse(nil, response)
    case .command(let tag, let command):
        checkResponse(tag, .ok("Done"))
        checkCommand(command)
    case .appendBegan(let tag, let command):
        checkResponse(tag, .ok("Done"))
        checkName(command.mailbox)
    case .appendContinued, .appendOctets, .appendEnded, .continuationRequested, .idleDone, .authenticationCancelled:
        break
    case .authenticationResponse(let response): must("\(response)" == "<credential>", "a password is shown")
    }
}

private func checkResponse(_ tag: String?, _ response: StatusResponse) {
    var writer = ResponseWriter()
    writer.status(tag: tag, response)
    let wire = writer.takeOctets()
    let flaw = ResponseReader.flaw(in: wire)
    must(flaw == nil && !hasBareLineEnd(wire), "a response out of shape: \(flaw ?? "")")
}

private func checkCommand(_ command: Command) {
    switch command {
    case .login(_, let password): must("\(password)" == "<credential>", "a password is shown")
    case .select(let select):
        checkName(select.mailbox)
        if let known = select.resynchronization?.knownUIDs { checkSet(known) }
    case .create(let name, _), .delete(let name), .subscribe(let name), .unsubscribe(let name), .status(let name, _):
        checkName(name)
    case .rename(let from, let to):
        checkName(from)
        checkName(to)
    case .list(let list):
        for pattern in list.patterns { checkPattern(pattern) }
    case .expunge(let set?): checkSet(set)
    case .fetch(let fetch): checkSet(fetch.messages.set)
    case .store(let store): checkSet(store.messages.set)
    case .copy(let messages, let name), .move(let messages, let name):
        checkSet(messages.set)
        checkName(name)
    default: break
    }
}

/// Written and read again it is the same name, in both spellings.
private func checkName(_ name: MailboxName) {
    for usesUTF8 in [false, true] {
        var writer = ResponseWriter(usesUTF8: usesUTF8)
        writer.mailboxStatus(name, [.messages], MailboxStatus())
        let wire = writer.takeOctets()
        let flaw = ResponseReader.flaw(in: wire)
        must(flaw == nil, "STATUS out of shape: \(flaw ?? "")")
    }
    let back = MailboxName(wire: ModifiedUTF7.encode(name.text), isUTF8: false)
    must(back == name, "\(name) came back as \(back.map { "\($0)" } ?? "nothing")")
}

private func checkPattern(_ pattern: MailboxPattern) {
    for name in ["INBOX", "Archive/2026", "Żółw", ""] as [MailboxName] {
        let isMatch = pattern.matches(name)
        if let literal = pattern.literalName { must(isMatch == (literal == name), "\(pattern.text) and \(name)") }
    }
}

private func checkSet(_ set: SequenceSet) {
    for largest: UInt32 in [0, 1, 7, .max] {
        guard let numbers = set.resolved(largest: largest) else { return must(set == .saved, "a set without numbers") }
        checkNumbers(numbers)
        let confined = numbers.intersection(NumberSet(1...max(1, largest)))
        checkNumbers(confined)
        must(confined.count <= Int(max(1, largest)), "more numbers than there are")
    }
}

/// Sorted, apart, and the same when it is read again.
func checkNumbers(_ set: NumberSet) {
    for (left, right) in zip(set.ranges, set.ranges.dropFirst()) {
        must(left.upperBound < right.lowerBound && right.lowerBound - left.upperBound > 1, "ranges touch: \(set)")
    }
    must(
        set.ranges.allSatisfy { set.contains($0.lowerBound) && set.contains($0.upperBound) },
        "a bound is missing: \(set)")
    var again = NumberSet()
    for range in set.ranges.reversed() { again.insert(range) }
    must(again == set, "another set: \(set), \(again)")
}
