import Desk
import MailTypes
import Testing

/// The tables of consultations: whose answer a mail is, what a lapse means, how marks read.
struct ConsultationRulesTests {
    private static let (legal, stock) = (DepartmentID(rawValue: 1), DepartmentID(rawValue: 2))

    private static func consultation(_ id: Int64, _ department: DepartmentID = legal) -> Consultation {
        Consultation(
            id: ConsultationID(rawValue: id), ticket: TicketNumber(rawValue: 7), department: department,
            agent: AgentID(rawValue: 1), state: .open, question: "?", askedAt: Timestamp(seconds: 0))
    }

    /// By which way the mail names consultation 1 of Legal, who writes, whether DMARC failed; the answered one.
    static let rows: [(way: String, author: String, failed: Bool, answered: Int64?)] = [
        ("token", "legal", false, 1), ("token", "colleague", false, 1), ("token", "customer", false, nil),
        ("token", "stock", false, 1), ("token", "colleague", true, 1),
        ("thread", "legal", false, 1), ("thread", "colleague", false, 1), ("thread", "customer", false, nil),
        ("mark", "legal", false, 1), ("mark", "colleague", false, nil), ("mark", "customer", false, nil),
        ("mark", "stock", false, nil), ("mark", "legal", true, nil),
        ("case", "legal", false, 1), ("case", "colleague", false, nil), ("case", "stock", false, nil),
        ("case", "legal", true, nil), ("none", "legal", false, nil),
    ]

    @Test(arguments: rows) func `a mail is a department's answer by token, thread, mark or case`(
        way: String, author: String, failed: Bool, answered: Int64?
    ) {
        var facts = ConsultationFacts()
        let found = [Self.consultation(1)]
        switch way {
        case "token": facts.signed = found
        case "thread": facts.threaded = found
        case "mark": facts.marked = found
        case "case": facts.ofCases = found
        default: break
        }
        switch author {
        case "legal": facts.departments = [Self.legal]
        case "stock": facts.departments = [Self.stock]
        case "customer": facts.participates = [TicketNumber(rawValue: 7)]
        default: break
        }
        facts.failedDMARC = failed
        #expect(ConsultationMatching.answered(by: facts)?.id.rawValue == answered)
    }

    @Test func `of several questions of a case a department answers its latest`() {
        var facts = ConsultationFacts()
        facts.ofCases = [Self.consultation(1), Self.consultation(3), Self.consultation(4, Self.stock)]
        facts.departments = [Self.legal]
        #expect(ConsultationMatching.answered(by: facts)?.id.rawValue == 3)
    }

    @Test(arguments: TicketStatus.allCases) func `an answer brings back what waits or is over`(status: TicketStatus) {
        let back: Set<TicketStatus> = [.consultation, .waiting, .done, .closed]
        #expect(
            ConsultationMatching.statusAfterAnswer(status, hasAssignee: true) == (back.contains(status) ? .assigned : nil))
        #expect(ConsultationMatching.statusAfterAnswer(status, hasAssignee: false) == (back.contains(status) ? .new : nil))
    }

    @Test(arguments: [
        ("Re: [?1042-7] Parcel", [[Int64(1042), 7]]), ("ODP: [?1-2] [#9] [?3-4]", [[1, 2], [3, 4]]), ("[?1042]", []),
        ("[?-7] [?a-1] [?1-] [?1-2-3] [#1042-7]", []), ("[?99999999999999999-1]", []), ("[?1-2", []),
    ])
    func `marks are read wherever they stand`(subject: String, numbers: [[Int64]]) {
        #expect(ConsultationMark.marks(in: subject).map { [$0.ticket.rawValue, $0.consultation.rawValue] } == numbers)
    }

    @Test func `a mark reads back`() {
        let mark = ConsultationMark(ticket: TicketNumber(rawValue: 12), consultation: ConsultationID(rawValue: 3))
        #expect(mark.text == "[?12-3]" && ConsultationMark.marks(in: "AW: \(mark.text) x") == [mark])
    }

    static let lapses: [(lapse: Int, remind: Bool, every: Bool, reminds: Bool, tells: Bool, goesOn: Bool)] = [
        (1, true, true, true, false, true), (2, true, true, true, true, true), (3, true, true, true, false, true),
        (10, true, true, true, false, false), (11, true, true, false, false, false),
        (1, true, false, true, true, false), (1, false, false, false, true, false), (2, false, true, false, true, true),
    ]

    @Test(arguments: lapses) func `a lapse reminds, tells supervisors once, and comes again`(
        lapse: Int, remind: Bool, every: Bool, reminds: Bool, tells: Bool, goesOn: Bool
    ) {
        let department = DepartmentDefinition(
            name: "Legal", addresses: [], remind: remind ? "late" : nil, remindEvery: every ? .hours(2) : nil)
        let plan = ReminderPlan(lapse: lapse, of: department)
        #expect(plan.reminds == reminds && plan.tellsSupervisors == tells && (plan.next != nil) == goesOn)
    }
}
