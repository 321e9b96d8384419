/// The fields that a text of the house or of an agent can hold, as `${case.number}`. The table says what each means; a
/// text with another field is refused where it is written, and stops a mail.
package enum TemplateField: String, CaseIterable, Sendable {
    case caseNumber = "case.number"
    case caseStamp = "case.stamp"
    case caseSubject = "case.subject"
    case caseStatus = "case.status"
    case casePriority = "case.priority"
    case caseCategory = "case.category"
    case caseOpened = "case.opened"
    case caseAnswerDue = "case.answerDue"
    case caseDue = "case.due"
    case customerName = "customer.name"
    case customerAddress = "customer.address"
    case customerFirm = "customer.firm"
    case customerPhone = "customer.phone"
    case poolName = "pool.name"
    case poolSenderName = "pool.senderName"
    case poolAddress = "pool.address"
    case poolFirstAnswerWithin = "pool.firstAnswerWithin"
    case poolFirstAnswerWithinGenitive = "pool.firstAnswerWithin.genitive"
    case poolSolveWithin = "pool.solveWithin"
    case poolSolveWithinGenitive = "pool.solveWithin.genitive"
    case agentName = "agent.name"
    case consultationDepartment = "consultation.department"
    case consultationQuestion = "consultation.question"
    case consultationAsked = "consultation.asked"
    case consultationDue = "consultation.due"
    case ratingLinks = "rating.links"
    case ratingLink = "rating.link"
    case today
    case now

    /// What stands in its place.
    package var meaning: String {
        switch self {
        case .caseNumber: "the number of the case"
        case .caseStamp: "the number as the subject shows it, [REK#1042]"
        case .caseSubject: "the subject of the case, without the number"
        case .caseStatus: "the status of the case"
        case .casePriority: "the priority of the case"
        case .caseCategory: "the category of the case"
        case .caseOpened: "when the case was opened"
        case .caseAnswerDue: "when the first answer is due"
        case .caseDue: "when the solution is due"
        case .customerName: "the customer's name, or the address where no name is known"
        case .customerAddress: "the customer's mail address"
        case .customerFirm: "the customer's firm"
        case .customerPhone: "the customer's telephone number"
        case .poolName: "the name of the pool"
        case .poolSenderName: "the name that the pool's mail is from"
        case .poolAddress: "the address that the pool's mail is from"
        case .poolFirstAnswerWithin: "the time for a first answer: 4 working hours"
        case .poolFirstAnswerWithinGenitive: "the same in the Polish genitive, as after \"w ciągu\""
        case .poolSolveWithin: "the time for a solution: 2 working days"
        case .poolSolveWithinGenitive: "the same in the Polish genitive, as after \"w ciągu\""
        case .agentName: "the name of the agent who writes"
        case .consultationDepartment: "the department that is asked"
        case .consultationQuestion: "the question to the department"
        case .consultationAsked: "when the department was asked"
        case .consultationDue: "when the department's answer is due"
        case .ratingLinks: "five lines with links that rate the case, in a pool's closing mail"
        case .ratingLink: "one link to the page that takes a rating, in a pool's closing mail"
        case .today: "the day of writing"
        case .now: "the day and time of writing"
        }
    }

    /// The field of a name, which may stand between spaces.
    package init?(named name: some StringProtocol) {
        guard let field = TemplateField(rawValue: TypedText.squeezed(name)) else { return nil }
        self = field
    }

    static let names = allCases.map(\.rawValue)
}
