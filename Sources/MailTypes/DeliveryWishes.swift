/// What a sender asks of the systems that carry a mail, beside delivering it.
package struct DeliveryWishes: Hashable, Sendable {
    /// What to tell about recipients, of whom something was said (RFC 3461).
    package var requests: [EmailAddress: NotificationRequest] = [:]
    package var returnedContent: ReturnedContent?
    /// The sender's name for the mail, in xtext.
    package var envelopeID: String?
    /// Never over a connection that is not secured (RFC 8689).
    package var requiresTLS = false

    package init() {}

    /// Nothing is asked.
    package var isEmpty: Bool { self == DeliveryWishes() }

    /// Those that concern some of the recipients.
    package func about(_ recipients: [EmailAddress]) -> DeliveryWishes {
        var result = self
        result.requests = requests.filter { recipients.contains($0.key) }
        return result
    }

    /// A wish a line, in an order that is always the same: as a database keeps them.
    package var text: String {
        var lines: [String] = []
        if let returnedContent { lines.append("RET \(returnedContent.rawValue)") }
        if let envelopeID { lines.append("ENVID \(envelopeID)") }
        if requiresTLS { lines.append("REQUIRETLS") }
        for (recipient, request) in requests.sorted(by: { $0.key.description < $1.key.description }) {
            let words = [request.events?.text ?? "-", request.originalRecipient ?? "-", recipient.description]
            lines.append("RCPT \(words.joined(separator: " "))")
        }
        return lines.joined(separator: "\n")
    }

    /// Reads `text`; what is not understood is left out.
    package init(text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            switch words.first {
            case "RET" where words.count == 2: returnedContent = ReturnedContent(rawValue: words[1])
            case "ENVID" where words.count == 2: envelopeID = words[1]
            case "REQUIRETLS": requiresTLS = true
            case "RCPT" where words.count == 4:
                guard let recipient = EmailAddress(words[3]) else { continue }
                requests[recipient] = NotificationRequest(
                    events: words[1] == "-" ? nil : NotificationRequest.Events(words[1]),
                    originalRecipient: words[2] == "-" ? nil : words[2])
            default: break
            }
        }
    }
}
