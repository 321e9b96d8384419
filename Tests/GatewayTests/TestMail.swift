/// A mail made for a test: the fields that matter, and a body.
struct TestMail {
    var author: String? = "jan@customer.example"
    var from: String? = "Jan Kowalski <jan@customer.example>"
    var to = "help@acme.example"
    var cc: String?
    var subject: String? = "Where is my parcel?"
    var id: String?
    var inReplyTo: String?
    var references: String?
    var extra: [String] = []
    var body = "Hello\r\n"

    init(
        author: String? = "jan@customer.example", from: String? = "Jan Kowalski <jan@customer.example>",
        to: String = "help@acme.example", cc: String? = nil, subject: String? = "Where is my parcel?",
        id: String? = nil,
        inReplyTo: String? = nil, references: String? = nil, extra: [String] = [], body: String = "Hello\r\n"
    ) {
        (self.author, self.from, self.to, self.cc, self.subject) = (author, from, to, cc, subject)
        (self.id, self.inReplyTo, self.references, self.extra, self.body) = (id, inReplyTo, references, extra, body)
    }

    /// From somebody who never wrote before.
    static func stranger(
        subject: String? = "Me too", inReplyTo: String? = nil, id: String? = nil, extra: [String] = []
    ) -> TestMail {
        TestMail(
            author: "eve@elsewhere.example", from: "Eve <eve@elsewhere.example>", subject: subject, id: id,
            inReplyTo: inReplyTo, extra: extra)
    }

    var octets: [UInt8] {
        var lines: [String] = []
        if let from { lines.append("From: \(from)") }
        lines.append("To: \(to)")
        if let cc { lines.append("Cc: \(cc)") }
        if let subject { lines.append("Subject: \(subject)") }
        lines.append("Date: Tue, 03 Mar 2026 12:00:00 +0000")
        if let id { lines.append("Message-ID: <\(id)>") }
        if let inReplyTo { lines.append("In-Reply-To: <\(inReplyTo)>") }
        if let references { lines.append("References: \(references)") }
        lines += extra
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }
}

extension String {
    /// The unfolded body of a field of a header section.
    func field(_ name: String) -> String? {
        let unfolded = self.replacingFolds
        for line in unfolded.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else {
                continue
            }
            return line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        return nil
    }

    private var replacingFolds: String {
        var result = ""
        var rest = self[...]
        while let end = rest.firstIndex(of: "\r\n") {
            result += rest[..<end]
            rest = rest[rest.index(after: end)...]
            if rest.first != " ", rest.first != "\t" { result += "\r\n" }
        }
        return result + rest
    }
}
