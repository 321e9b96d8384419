import FuzzKit
import MailFormat
import MailTypes

/// A header section as it is served, stamped, and as it leaves the desk.
func fuzzHeader(_ input: FuzzInput) {
    let header = HeaderSection(input.octets)
    checkHeader(header)
    guard let pattern = StampPattern(input.chooses(0) ? "[{prefix}#{number}]" : "#{number}"),
        let root = MessageID("k1042.ar7xk@acme.example")
    else { return must(false, "a pattern that is none") }
    let stamp = StampPattern.Stamp(prefix: "RET", number: 1042)
    let rewriter = HeaderRewriter(stamp: stamp, pattern: pattern, root: root, removedNames: ["Bcc"])
    checkServed(header, rewriter, pattern, root)
    checkSent(header, pattern, stamp, input)
}

private func checkServed(
    _ header: HeaderSection, _ rewriter: HeaderRewriter, _ pattern: StampPattern, _ root: MessageID
) {
    let (octets, subject) = rewriter.rewriteWithSubject(header)
    let served = HeaderSection(octets)
    must(
        served.bodyStart == octets.count && served.hasEmptyLine == header.hasEmptyLine,
        "a body begins in the header section")
    must(served.count(of: "Subject") == max(1, header.count(of: "Subject")), "another number of subjects")
    must(served.count(of: "References") == max(1, header.count(of: "References")), "another number of References")
    must(served.unfolded("Subject") == subject, "the envelope's subject is not the served one")
    let stamps = pattern.stamps(in: served.text("Subject") ?? "")
    must(stamps.count { $0.number == 1042 } >= 1, "no stamp in \(served.text("Subject") ?? "")")
    must(served.references.first == root || header.references.first == root, "References begin elsewhere")
    must(others(served) == expectedOthers(header), "other fields were changed")
    must(HeaderRewriter.isIdempotent(rewriter, served), "stamped a second time")
    must(longestLine(octets) <= max(longestLine(header.octets[..<header.bodyStart]), 998) + 30, "a line too long")
    let plain = HeaderRewriter(removedNames: []).rewrite(header)
    must(others(HeaderSection(plain)) == others(header), "a header section without stamp was changed")
}

extension HeaderRewriter {
    fileprivate static func isIdempotent(_ rewriter: HeaderRewriter, _ served: HeaderSection) -> Bool {
        rewriter.rewrite(served) == Array(served.octets[..<served.bodyStart])
    }
}

/// A first line that begins with white space must not become a part of the field put before it.
private func expectedOthers(_ header: HeaderSection) -> [[UInt8]] {
    var result = others(header)
    let isStray = header.fieldsEnd > 0 && (header.octets[0] == 0x20 || header.octets[0] == 0x09)
    let isPreceded = !header.contains("Subject") || !header.contains("References")
    if isStray, isPreceded, !result.isEmpty { result[0] = Array("X-Malformed:".utf8) + result[0] }
    return result
}

/// All that the rewriter has no business with, in its order.
private func others(_ header: HeaderSection) -> [[UInt8]] {
    header.fields.filter { field in
        let name = header.name(of: field).lowercased()
        return !["subject", "references", "bcc", "return-path"].contains(name) && !name.hasPrefix("x-stempel-")
    }.map { Array(header.octets[$0.range]) }
}

private func longestLine(_ octets: some Sequence<UInt8>) -> Int {
    var (longest, length) = (0, 0)
    for octet in octets {
        length = octet == 0x0A ? 0 : length + 1
        longest = max(longest, length)
    }
    return longest
}

private func checkSent(
    _ header: HeaderSection, _ pattern: StampPattern, _ stamp: StampPattern.Stamp, _ input: FuzzInput
) {
    guard let pool = EmailAddress("help@acme.example"), let id = MessageID("m1@acme.example") else { return }
    var composer = HeaderComposer(from: NamedAddress(displayName: "Help", address: pool), messageID: id)
    (composer.stamp, composer.pattern, composer.removedAddresses) = (stamp, pattern, [pool])
    if input.chooses(1) { composer.subject = header.text("Subject") ?? "" }
    guard let octets = try? composer.compose(header, now: Timestamp(seconds: 1_772_539_200)) else {
        return must(composer.subject != nil || hasAddresses(header), "a header section that cannot be sent")
    }
    let sent = HeaderSection(octets)
    must(sent.bodyStart == octets.count && sent.hasEmptyLine, "a body begins in the header section")
    must(sent.fields.allSatisfy { !$0.isMalformed }, "a line that is no field leaves")
    for field in sent.fields {
        let name = sent.name(of: field).lowercased()
        must(
            name == "from" || name == "message-id" || HeaderComposer.keptNames.contains { $0.lowercased() == name },
            "\(name) leaves")
        must(sent.count(of: name) == 1, "\(name) leaves twice")
    }
    must(sent.addresses(of: "From").map(\.address) == [pool] && sent.messageID == id, "not from the pool")
    must(sent.contains("To") || sent.contains("Cc"), "neither To nor Cc")
}

private func hasAddresses(_ header: HeaderSection) -> Bool { header.contains("To") || header.contains("Cc") }
