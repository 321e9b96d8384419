package import MailTypes

extension Fresh {
    /// The accounts of the demonstration desk.
    package static func demoAccounts(domain: DomainName) -> [(login: String, password: String)] {
        [("agent1", 1), ("agent2", 2), ("trainee1", 3), ("supervisor1", 4)].map {
            ("\($0.0)@\(domain.ascii)", "correct horse \($0.1)")
        }
    }

    /// The text of a demonstration desk in a domain: two pools, four people, one rule of each kind.
    package static func demoDesk(domain: DomainName) -> String {
        let domain = domain.ascii
        return """
            # The desk: who answers what. `stempel desk apply CONFIG FILE` makes the database say this;
            # `stempel desk export CONFIG` prints it. What the file leaves out is deactivated, never deleted.
            # `initialPassword` counts only for an account without a credential.
            domain: \(domain)                # note@, desk@ of submitted mail live here
            postmaster: Help                    # the pool that gets postmaster@ and abuse@ of every domain
            language: en                        # en | pl: folder names, cards, templates of the house
            timeZone: Europe/Warsaw
            stamp: "[{prefix}#{number}]"
            undo: 30s                           # how long a reply can be recalled
            reopenWithin: 365d
            closeAfter: 30d
            purgeSpamAfter: 30d
            purgeTrashAfter: 30d
            offerFor: 10m                       # how long a case in Next is kept for one agent

            calendars:
              office: { weekly: { mon-fri: "08:00-16:00" }, holidays: [ 2026-12-25, 2026-12-26 ] }

            agents:
              - { login: agent1@\(domain), name: Agent One, initialPassword: "correct horse 1" }
              - { login: agent2@\(domain), name: Agent Two, initialPassword: "correct horse 2", language: pl }
              - { login: trainee1@\(domain), name: Trainee One, role: trainee, initialPassword: "correct horse 3" }
              - login: supervisor1@\(domain)
                name: Supervisor
                role: supervisor
                rights: [ delete ]
                initialPassword: "correct horse 4"

            groups:
              returns: [ agent1@\(domain), agent2@\(domain) ]

            pools:
              - name: Help
                addresses: [ help@\(domain), { address: info@\(domain), autoReply: none } ]
                senderName: "Help"
                members: { agent1@\(domain): 1, agent2@\(domain): 2, trainee1@\(domain): 1 }   # pick-up priority
                supervisors: [ supervisor1@\(domain) ]
                calendar: office
                firstAnswerWithin: 4h           # working hours of the calendar
                solveWithin: 2d                 # working days
                autoReply: received             # template; outside working hours: `autoReplyClosed`
                closingMail: closed             # template; asks the customer for a rating
              - name: Complaints
                prefix: REK
                addresses: [ complaints@\(domain) ]
                members: { agent2@\(domain): 1 }
                supervisors: [ supervisor1@\(domain) ]
                takeNextOnly: true              # strict first come, first served

            departments:
              - { name: Legal, addresses: [ legal@dept.example ], answerWithin: 2d, remind: consultation-reminder }

            folders: [ Systems, Newsletters ]

            rules:                              # in order, until one says `stop`
              - name: machines
                when: { any: [ { header: { Auto-Submitted: "/^auto-/" } }, { from: "*@monitoring.example" } ] }
                then: { folder: Systems, tag: machine, autoReply: none, stop: true }
              - name: refunds
                when: { subject: "refund" }
                then: { group: returns, priority: high, tag: refund }

            templates:
              received:
                subject: "We have your message"
                text: |
                  Thank you. Your case has the number ${case.number}. We answer within ${pool.firstAnswerWithin}.
              closed:
                subject: "Your case is closed"
                text: |
                  Dear ${customer.name}, we have closed your case. How did we do?

                  ${rating.links}
              refund-approved:
                text: |
                  Dear ${customer.name}, the refund for case ${case.number} is on its way.
              consultation-reminder:
                subject: "Reminder: your answer is due"
                text: |
                  Please answer the question below; it was due ${consultation.due}.

            """
    }
}
