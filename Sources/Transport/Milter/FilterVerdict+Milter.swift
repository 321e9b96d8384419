import Gateway
import MailTypes
import MilterProtocol

extension FilterVerdict {
    /// What a filter said to a question.
    init(_ verdict: MilterVerdict, to question: FilterQuestion) {
        let decision: Decision =
            switch verdict.decision {
            case .accept: .accept
            case .discard: .discard
            case .reject(let text): .refuse(question.refusal(text))
            case .temporaryFailure(let text): .refuse(question.delay(text))
            }
        self.init(
            decision,
            changes: verdict.changes.map { change in
                switch change {
                case .add(let name, let value): .add(name: name, value: value)
                case .replace(let name, let occurrence, let value):
                    .replace(name: name, occurrence: occurrence, value: value)
                }
            }, isQuarantined: verdict.quarantine != nil)
        reason = verdict.quarantine.map(\.onOneLine).flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Reply {
    /// A filter that every mail has to pass is not there.
    static let filterUnavailable = Reply(
        451, EnhancedStatus(4, 7, 1), "This mail cannot be looked at now, try again later")
}

extension FilterQuestion {
    /// The greeting has no replies but 220, 421 and 554 (RFC 5321 §4.3.2).
    private var isConnection: Bool { if case .connection = self { true } else { false } }

    private var what: String {
        switch self {
        case .connection, .greeting: "client"
        case .sender: "sender"
        case .recipient: "recipient"
        case .content, .mail: "mail"
        }
    }

    fileprivate func refusal(_ text: String?) -> Reply {
        var reply = Reply(
            milter: text, code: 550, EnhancedStatus(5, 7, 1), "A filter does not accept this \(what)")
        if isConnection { reply.code = 554 }
        return reply
    }

    fileprivate func delay(_ text: String?) -> Reply {
        var reply = Reply(
            milter: text, code: 451, EnhancedStatus(4, 7, 1), "A filter does not accept this \(what) now, try again later")
        if isConnection { reply.code = 421 }
        return reply
    }
}

extension Reply {
    /// `550 5.7.1 Spam` as the filter said it, where it is a reply of that kind; else the given one.
    fileprivate init(milter text: String?, code: ReplyCode, _ status: EnhancedStatus, _ sentence: String) {
        self.init(code, status, sentence)
        guard let words = text?.split(separator: " ", maxSplits: 1), let number = words.first.flatMap({ Int($0) }),
            let own = ReplyCode(number), own.severity == code.severity
        else { return }
        self.code = own
        var rest = words.count > 1 ? words[1] : ""
        let digits = rest.prefix { $0 != " " }.split(separator: ".").map { UInt16($0) }
        if digits.count == 3, let subject = digits[1], let detail = digits[2], digits[0] == UInt16(status.class) {
            self.status = EnhancedStatus(status.class, subject, detail)
            rest = rest.drop { $0 != " " }.drop { $0 == " " }
        }
        if !rest.isEmpty { lines = [String(rest)] }
    }
}
