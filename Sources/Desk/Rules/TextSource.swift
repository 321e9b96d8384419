/// Where the pattern of a condition looks.
enum TextSource: Hashable, Sendable {
    /// The name in lower case.
    case header(String)
    case author
    case addressees
    case reversePath
    case recipients
    case subject
    case body
    case attachmentName
    case attachmentType
    case list
}

extension RuleMail {
    func texts(of source: TextSource) -> [RuleText] {
        switch source {
        case .header(let name): header(name)
        case .author: author
        case .addressees: addressees
        case .reversePath: [reversePath]
        case .recipients: recipients
        case .subject: [subject]
        case .body: body
        case .attachmentName: attachmentNames
        case .attachmentType: attachmentTypes
        case .list: list.map { [$0] } ?? []
        }
    }
}
