/// A three-digit SMTP reply code (RFC 5321 §4.2).
package struct ReplyCode: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    package let number: UInt16

    package init(integerLiteral value: UInt16) { number = value }

    /// `nil` outside 200...599.
    package init?(_ number: Int) {
        guard (200...599).contains(number) else { return nil }
        self.number = UInt16(number)
    }

    /// 2: accepted, 3: go on, 4: try again, 5: refused for good.
    package var severity: UInt16 { number / 100 }
    package var description: String { String(number) }
}

/// An enhanced status code (RFC 3463, RFC 2034): class, subject, detail.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    package let `class`: UInt8
    package let subject: UInt16
    package let detail: UInt16

    package init(_ class: UInt8, _ subject: UInt16, _ detail: UInt16) {
        (self.class, self.subject, self.detail) = (`class`, subject, detail)
    }

    package var description: String { "\(self.class).\(subject).\(detail)" }

    /// There is no such mailbox or domain, or none that takes mail any more (RFC 3463 §3.2, §3.3): it is of no use to write
    /// there again. Not what a filter or a quota refused.
    package var isOfNoMailbox: Bool {
        `class` == 5 && (subject == 1 && detail != 7 && detail != 8 || subject == 2 && detail == 1)
    }
}

/// A reply of an SMTP server: code, enhanced status, and one or more lines of text, ours short and constant.
package struct Reply: Hashable, Sendable, CustomStringConvertible {
    package var code: ReplyCode
    package var status: EnhancedStatus?
    package var lines: [String]

    package init(_ code: ReplyCode, _ status: EnhancedStatus? = nil, _ text: String) {
        self.init(code, status, lines: [text])
    }
    package init(_ code: ReplyCode, _ status: EnhancedStatus? = nil, lines: [String]) {
        (self.code, self.status, self.lines) = (code, status, lines)
    }

    /// In one line, behind the code: the enhanced status and the text.
    package var words: String { (status.map { "\($0) " } ?? "") + lines.joined(separator: " ") }

    /// As on the wire, without the last CRLF.
    package var description: String {
        let prefix = status.map { "\($0) " } ?? ""
        return lines.enumerated().map { index, line in
            "\(code)\(index == lines.count - 1 ? " " : "-")\(prefix)\(line)"
        }.joined(separator: "\r\n")
    }
}
