/// What a button of a card asks for. A button is a link that writes a mail: to `desk@` with a command in its body, or to
/// `note@` (DESIGN §4). Whether it may be done is decided when the mail comes.
package enum CardButton: Hashable, Sendable {
    case take, waiting, done, close, giveBack, spam
    case note
    /// The command's argument is for the agent to write.
    case assign, tag
    case follow
    /// Joins the case into another.
    case merge(TicketNumber)
    /// Fills in an open question.
    case answer(String)
    /// Stops the case's mail that has not left.
    case recall
    case approve, reject

    /// Which mailbox of the desk the button's mail goes to.
    package enum Recipient: String, Sendable { case desk, note }

    package var recipient: Recipient { self == .note ? .note : .desk }

    /// What stands in the mail; an argument that is missing is for the agent to write behind the space at the end.
    package var command: String {
        switch self {
        case .take: "#take"
        case .waiting: "#waiting"
        case .done: "#done"
        case .close: "#close"
        case .giveBack: "#new"
        case .spam: "#spam"
        case .note: ""
        case .assign: "#assign "
        case .tag: "#tag "
        case .follow: "#follow"
        case .merge(let other): "#merge \(other)"
        case .answer(let question): "#answer \(question)="
        case .recall: "#recall"
        case .approve: "#approve"
        case .reject: "#reject "
        }
    }

    /// The buttons of a card, the likeliest first; those of a warning or question stand beside it and are not here.
    package static func buttons(of content: CardContent) -> [CardButton] {
        var result: [CardButton] = []
        switch content.status {
        case .new: result = [.take]
        case .assigned, .inProgress, .consultation: result = [.waiting, .done, .close, .giveBack]
        case .approval: result = [.approve, .reject]
        case .waiting: result = [.take, .done, .close]
        case .done: result = [.take, .close]
        case .closed: result = [.take]
        case .spam: return [.giveBack, .note]
        }
        if content.assignee == nil, content.status != .new { result = result.filter { $0 != .take && $0 != .giveBack } }
        if content.assignee == nil, !result.contains(.take) { result.insert(.take, at: 0) }
        result += [.note, .assign, .tag, .follow]
        if !content.isAnswered, content.status == .new || content.status == .assigned { result.append(.spam) }
        return result
    }

    /// The link of the button. The case is named by the stamp in the subject, since few programs write the In-Reply-To
    /// that a link asks for.
    package func link(stamp: String, label: String, domain: String) -> MailtoLink {
        let text = command
        return MailtoLink(
            recipient: "\(recipient.rawValue)@\(domain)", subject: "\(stamp) \(label)",
            body: text.isEmpty || text.last == " " || text.last == "=" ? text : text + "\r\n")
    }
}
