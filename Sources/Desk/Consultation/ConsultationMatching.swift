/// What an arriving mail has to do with consultations, gathered by the intake.
package struct ConsultationFacts: Sendable {
    /// Consultations whose genuine token stands in a recipient address.
    package var signed: [Consultation] = []
    /// Consultations that `In-Reply-To` or `References` name by a genuine Message-ID, the latest reference first.
    package var threaded: [Consultation] = []
    /// Consultations whose mark stands in the subject.
    package var marked: [Consultation] = []
    /// Consultations of cases that the mail belongs to as any mail would: by signed address, thread or stamp.
    package var ofCases: [Consultation] = []
    /// The departments that have the author's address.
    package var departments: Set<DepartmentID> = []
    /// Cases in which the author takes part as a customer.
    package var participates: Set<TicketNumber> = []
    /// The author's domain does not stand behind the mail.
    package var failedDMARC = false

    package init() {}
}

/// Whether a mail is a department's answer (DESIGN §5). It speaks as consultation and as nothing else:
///
///     how it names the consultation          the author                                the mail is
///     token in the address, our Message-ID   anybody but a participant of the case     its answer
///     mark in the subject                    the department's own address, vouched for its answer
///     the case, as a customer's mail would   the department's own address, vouched for an answer to its latest question
///     any of these                           a participant of the case                 a customer's mail
///
/// A token proves that its holder got the consultation: the clerk, a colleague, a phone.
package enum ConsultationMatching {
    package static func answered(by facts: ConsultationFacts) -> Consultation? {
        func isOfDepartment(_ consultation: Consultation) -> Bool {
            facts.departments.contains(consultation.department)
        }
        let proven = (facts.signed + facts.threaded).first { found in
            isOfDepartment(found) || !facts.participates.contains(found.ticket)
        }
        if let proven { return proven }
        guard !facts.failedDMARC else { return nil }
        return facts.marked.first(where: isOfDepartment)
            ?? facts.ofCases.filter(isOfDepartment).max { $0.id < $1.id }
    }

    /// What an answer does to a case: it goes back to who works on it (DESIGN §2). `nil`: it stays where it is.
    package static func statusAfterAnswer(_ status: TicketStatus, hasAssignee: Bool) -> TicketStatus? {
        switch status {
        case .consultation, .waiting, .done, .closed: hasAssignee ? .assigned : .new
        case .new, .assigned, .inProgress, .approval, .spam: nil
        }
    }
}
