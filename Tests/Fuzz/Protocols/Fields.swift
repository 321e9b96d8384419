import Desk
import FuzzKit
import IMAPProtocol
import MailFormat
import MailTypes

/// The body of one header field, read as each kind that there is.
func fuzzFields(_ input: FuzzInput) {
    let body = input.octets.filter { $0 != 0x0D && $0 != 0x0A }
    checkAddresses(body)
    checkDate(body)
    _ = MessageIDs.read(body).map(\.description)
    if let type = MediaType(body) { checkParameters(type.parameters, type.parameter("name"), type.charset) }
    if let disposition = Disposition(body) { checkParameters(disposition.parameters, disposition.filename) }
    _ = MIMEStructure(encoded: [MIMEStructure.formatVersion] + input.octets).map {
        must(MIMEStructure(encoded: $0.encoded()) == $0, "a structure is not what was stored")
    }
}

/// What was read can be written, and is read as the same.
private func checkAddresses(_ body: [UInt8]) {
    let list = AddressList(body)
    let addresses = list.addresses
    var writer = HeaderWriter()
    guard !addresses.isEmpty, (try? writer.addresses("To", addresses)) != nil else { return }
    let back = HeaderSection(writer.octets).addresses(of: "To")
    must(back.map(\.address) == addresses.map(\.address), "\(addresses) came back as \(back)")
}

private func checkDate(_ body: [UInt8]) {
    guard let date = DateParser.parse(body), let moment = date.timestamp else { return }
    let text = MailDate.text(moment)
    must(DateParser.parse(Array(text.utf8))?.timestamp == moment, "\(text) is another date than \(date)")
}

private func checkParameters(_ parameters: [MIMEParameter], _ texts: String?...) {
    must(parameters.count <= 200, "\(parameters.count) parameters")
    must(parameters.allSatisfy { !$0.name.isEmpty }, "a parameter without a name")
}

/// Names of mailboxes, addresses, domains and tokens.
func fuzzNames(_ input: FuzzInput) {
    let text = String(decoding: input.octets, as: UTF8.self)
    checkMailboxName(input.octets, text)
    checkBase64(input.octets)
    checkToken(text)
    checkStamps(text)
    if let domain = DomainName(text) {
        must(DomainName(domain.ascii) == domain && domain.ascii.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(domain)")
    }
    if let address = EmailAddress(text) {
        must(EmailAddress(address.description) == address, "\(address) is another address")
    }
    if let id = MessageID(text) { must(MessageIDs.read(Array(id.description.utf8)) == [id], "\(id) is another one") }
    checkSets(input.octets)
}

private func checkMailboxName(_ octets: [UInt8], _ text: String) {
    if let decoded = ModifiedUTF7.decode(octets) {
        let encoded = ModifiedUTF7.encode(decoded)
        must(encoded.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "modified UTF-7 beyond ASCII")
        must(
            ModifiedUTF7.decode(encoded).map { Array($0.unicodeScalars) } == Array(decoded.unicodeScalars), "\(decoded)"
        )
    }
    if text.unicodeScalars.allSatisfy({ $0.value > 0x1F && !(0x7F...0x9F).contains($0.value) }) {
        let back = ModifiedUTF7.decode(ModifiedUTF7.encode(text))
        must(
            back.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars),
            "\(text) came back as \(back ?? "nothing")")
    }
    for isUTF8 in [false, true] {
        guard let name = MailboxName(wire: octets, isUTF8: isUTF8) else { continue }
        must(MailboxName(name.text) == name, "\(name) has another name")
        let pattern = MailboxPattern(name.text)
        if let literal = pattern.literalName { must(literal == name && pattern.matches(name), "\(name) is not found") }
        must(MailboxPattern("*").matches(name) && MailboxPattern(name.text + "*").matches(name), "\(name) is not found")
    }
}

private func checkBase64(_ octets: [UInt8]) {
    must(Base64.decode(Base64.encode(octets)) == octets, "base64")
    if let decoded = Base64.decode(octets) {
        must(Array(Base64.encode(decoded).utf8) == octets, "base64 that nobody writes")
    }
}

private func checkToken(_ text: String) {
    guard let token = SignedToken(text) else { return }
    must(SignedToken(token.text) == token, "\(token) is another token")
}

private func checkStamps(_ text: String) {
    let template = text.prefix { $0 != "\n" }
    guard let pattern = StampPattern(String(template)) else { return }
    _ = pattern.stamps(in: text)
    // The settings let no other template through: what stands before the number sets it apart.
    guard let before = template.split(separator: "{number}", omittingEmptySubsequences: false).first?.last,
        before.isPunctuation || before.isSymbol, before != "}"
    else { return }
    let stamp = StampPattern.Stamp(prefix: "RET", number: 1042)
    let written = pattern.text(stamp)
    must(pattern.stamps(in: written).contains { $0.number == 1042 }, "\(template) does not know \(written)")
    must(pattern.stamps(in: "Re: \(written) x").contains { $0.number == 1042 }, "\(template) does not know \(written)")
}

/// Sixteen bits each: the ends of ranges.
private func checkSets(_ octets: [UInt8]) {
    var set = NumberSet()
    var model: Set<UInt32> = []
    var place = 0
    while place + 2 <= octets.count, place < 60 {
        let start = octets[place] >= 0xF0 ? UInt32.max - UInt32(octets[place] & 0x0F) : UInt32(octets[place])
        let (end, overflows) = start.addingReportingOverflow(UInt32(octets[place + 1] & 0x0F))
        let range = start...(overflows ? .max : end)
        set.insert(range)
        model.formUnion(range)
        place += 2
    }
    checkNumbers(set)
    must(set.count == model.count && model.allSatisfy { set.contains($0) }, "\(set) is not \(model.sorted())")
}
