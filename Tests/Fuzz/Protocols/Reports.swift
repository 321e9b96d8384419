import FuzzKit
import MailFormat
import MailTypes

/// What mail systems say of a mail of ours, in the form of RFC 3464 or freely; and what we say of others' mail with what
/// they asked for.
func fuzzReports(_ input: FuzzInput) {
    guard let report = read(input.octets) else { return }
    let limits = DeliveryReport.Limits()
    must(!report.recipients.isEmpty && report.recipients.count <= limits.recipients, "\(report.recipients.count) recipients")
    for recipient in report.recipients {
        must(recipient.diagnostic.utf8.count <= limits.diagnostic + 4, "\(recipient.diagnostic.utf8.count) octets of words")
        must(recipient.diagnostic.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "words hold a control character")
    }
    checkWritten(report, input)
}

private func read(_ octets: [UInt8]) -> DeliveryReport? {
    var scanner = MIMEScanner(limits: MIMEScanner.Limits())
    scanner.consume(octets)
    let structure = scanner.finish()
    guard let header = scanner.header else { return nil }
    return DeliveryReport.read(header, structure, octets)
}

/// A report of ours about the same recipients is read as the same, whatever the sender called mail and recipients.
private func checkWritten(_ report: DeliveryReport, _ input: FuzzInput) {
    guard let host = DomainName("mx.acme.example") else { return }
    let words = XText.encode(String(decoding: input.octets.prefix(100), as: UTF8.self))
    let asked = input.chooses(0) ? "rfc822;\(words)" : nil
    let recipients = report.recipients.prefix(50).compactMap { recipient in
        recipient.address.map {
            ReportWriter.Recipient(
                address: $0, originalRecipient: asked, action: recipient.action,
                status: recipient.status ?? EnhancedStatus(5, 0, 0), diagnostic: recipient.diagnostic)
        }
    }
    guard !recipients.isEmpty else { return }
    let header = HeaderSection(input.octets).octets
    let octets = ReportWriter(reporter: host, arrivedAt: Timestamp(seconds: 1_780_000_000), envelopeID: words).write(
        HeaderWriter(), text: "x\n", about: recipients, returned: input.chooses(1) ? .header(header) : nil,
        entropy: Array(0..<16))
    guard let again = read(octets) else { fatalError("a report of ours is none: \(recipients)") }
    must(again.recipients.map(\.action) == recipients.map(\.action), "\(again.recipients) was \(recipients)")
    must(again.recipients.map(\.status) == recipients.map(\.status), "\(again.recipients) was \(recipients)")
    guard asked == nil else { return }
    must(again.recipients.map(\.address) == recipients.map(\.address), "\(again.recipients) was \(recipients)")
}
