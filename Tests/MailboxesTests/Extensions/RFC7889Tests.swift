import Mailboxes
import Testing

/// APPENDLIMIT (RFC 7889).
@Suite struct RFC7889Tests {
    @Test func `the limit of APPEND is known before it is met`() async throws {
        let desk = try await TestDesk()
        let configuration = SessionConfiguration(messageSize: 100, announcementInterval: .zero)
        try await Dialogue(desk, configuration).run(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * APPENDLIMIT=100 *
            S: a OK *
            C: STATUS Drafts (APPENDLIMIT MESSAGES)
            S: * STATUS *Drafts* (MESSAGES 0 APPENDLIMIT 100)
            S: a OK *
            C: STATUS Pools (APPENDLIMIT)
            S: * STATUS *Pools* (APPENDLIMIT *
            S: a OK *
            C: LIST "" Drafts RETURN (STATUS (APPENDLIMIT))
            S: * LIST *
            S: * STATUS *Drafts* (APPENDLIMIT 100)
            S: a OK *
            C: APPEND Drafts {101}
            S: a NO [TOOBIG] *
            C: APPEND Drafts {100+}␍␊Subject: a␍␊␍␊\#(String(repeating: "x", count: 86))
            S: a OK *
            """#)
    }
}
