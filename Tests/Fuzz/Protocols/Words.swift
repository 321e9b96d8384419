import FuzzKit
import MailFormat
import MailTypes

/// Encoded-words: read whatever comes, and what is written is read as the same text.
func fuzzEncodedWords(_ input: FuzzInput) {
    _ = EncodedWords.decode(input.octets)
    for charset in ["iso-2022-jp", "utf-7", "utf-16", "gb18030", "big5", "windows-1250", "x-unknown"] {
        _ = EncodedWords.decode(input.octets, fallback: charset)
        _ = Charset.decode(input.octets, as: charset)
    }
    checkNamedCharset(input)
    checkTransfer(input)
    let text = String(decoding: input.octets.filter { $0 != 0x0D && $0 != 0x0A && $0 != 0 }, as: UTF8.self)
    checkWritten(text)
}

/// The charset's name is the sender's, too.
private func checkNamedCharset(_ input: FuzzInput) {
    guard let end = input.octets.firstIndex(of: 0x0A), end < 64 else { return }
    _ = Charset.decode(Array(input.octets[(end + 1)...]), as: String(decoding: input.octets[..<end], as: UTF8.self))
}

private func checkTransfer(_ input: FuzzInput) {
    for encoding in ["base64", "quoted-printable", "x-uuencode", "7bit"] {
        func decoded(_ pieces: [[UInt8]]) -> [UInt8] {
            var decoder = TransferDecoder(Array(encoding.utf8))
            var output: [UInt8] = []
            for piece in pieces { piece.withUnsafeBytes { decoder.decode($0, into: &output) } }
            decoder.finish(into: &output)
            return output
        }
        let whole = decoded([input.octets])
        must(whole == decoded(input.pieces), "pieces change \(encoding)")
        must(whole.count <= input.octets.count, "\(encoding) grows")
    }
}

private func checkWritten(_ text: String) {
    var writer = HeaderWriter()
    guard (try? writer.text("Subject", text)) != nil else { return must(false, "\(text) cannot be written") }
    checkFolding(writer.octets)
    let back = HeaderSection(writer.octets).text("Subject") ?? ""
    must(back.utf8.elementsEqual(text.utf8), "\(Array(text.utf8)) came back as \(Array(back.utf8))")
    guard let address = EmailAddress("jan@customer.example") else { return }
    checkWrittenName(text, address)
    // No file name is longer, and only so many pieces of a parameter are read.
    if text.utf8.count <= 1000 { checkWrittenParameter(text) }
}

private func checkWrittenName(_ text: String, _ address: EmailAddress) {
    var writer = HeaderWriter()
    let named = [NamedAddress(displayName: text, address: address), NamedAddress(displayName: "B", address: address)]
    guard (try? writer.addresses("To", named)) != nil else { return must(false, "\(text) cannot be written") }
    checkFolding(writer.octets)
    let back = HeaderSection(writer.octets).addresses(of: "To")
    must(back.map(\.address) == named.map(\.address), "\(text) makes other addresses: \(back)")
    let name = back.first?.displayName ?? ""
    // A name is for showing: it is read without its control characters.
    let shown = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
    must(name.unicodeScalars.elementsEqual(shown), "the name \(Array(text.utf8)) came back as \(Array(name.utf8))")
}

private func checkWrittenParameter(_ text: String) {
    var writer = HeaderWriter()
    guard (try? writer.parameterized("Content-Disposition", "attachment", [("filename", text)])) != nil else {
        return must(false, "\(text) cannot be written")
    }
    checkFolding(writer.octets)
    let back = HeaderSection(writer.octets).contentDisposition?.filename ?? ""
    must(back.utf8.elementsEqual(text.utf8), "the file name \(Array(text.utf8)) came back as \(Array(back.utf8))")
}

/// RFC 5322 §2.1.1, §2.2.3: one field, ASCII, folded.
private func checkFolding(_ octets: [UInt8]) {
    let header = HeaderSection(octets)
    must(header.fields.count == 1 && header.fieldsEnd == octets.count && !hasBareLineEnd(octets), "more than a field")
    must(octets.allSatisfy { $0 < 0x80 }, "a field beyond ASCII")
    for line in octets.split(separator: 0x0A) { must(line.count <= 999, "a line of \(line.count) octets") }
}
