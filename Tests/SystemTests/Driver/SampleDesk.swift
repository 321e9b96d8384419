/// The desk that system tests work at: two pools, four people. Answers leave at once. Nobody sees cards, so that tests
/// count mails; `withCards` is the same desk with them.
enum SampleDesk {
    /// Somebody with an account.
    struct Agent: Sendable {
        let login: String
        let password: String
    }

    static let agent1 = Agent(login: "agent1@acme.example", password: "correct horse 1")
    static let agent2 = Agent(login: "agent2@acme.example", password: "correct horse 2")
    static let trainee1 = Agent(login: "trainee1@acme.example", password: "correct horse 3")
    static let supervisor1 = Agent(login: "supervisor1@acme.example", password: "correct horse 4")

    /// `desk.yaml`.
    static let text = """
        domain: acme.example
        postmaster: Help
        language: en
        timeZone: Europe/Warsaw
        undo: 0s
        agents:
          - { login: agent1@acme.example, name: Agent One, role: agent, initialPassword: "correct horse 1", card: false }
          - { login: agent2@acme.example, name: Agent Two, role: agent, initialPassword: "correct horse 2", language: pl, card: false }
          - { login: trainee1@acme.example, name: Trainee One, role: trainee, initialPassword: "correct horse 3", card: false }
          - login: supervisor1@acme.example
            name: Supervisor
            role: supervisor
            initialPassword: "correct horse 4"
            rights: [ delete ]
            card: false
        groups:
          returns: [ agent1@acme.example, agent2@acme.example ]
        pools:
          - name: Help
            addresses: [ help@acme.example, info@acme.example ]
            senderName: "ACME Help"
            members: { agent1@acme.example: 1, agent2@acme.example: 2, trainee1@acme.example: 1 }
            supervisors: [ supervisor1@acme.example ]
          - name: Complaints
            prefix: REK
            addresses: [ complaints@acme.example ]
            members: { agent2@acme.example: 1 }
            supervisors: [ supervisor1@acme.example ]

        """

    /// The desk with cards for everybody but the trainee.
    static var withCards: String {
        text.replacing(", card: false }", with: " }").replacing("    card: false\n", with: "")
            .replacing("\"correct horse 3\" }", with: "\"correct horse 3\", card: false }")
    }
}
