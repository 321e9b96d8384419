import Desk
import Mailboxes
import Testing

/// ACL (RFC 4314): rights as the desk has them; changing them is refused. Every kind of mailbox stands in
/// `MailboxRightsTests`.
@Suite struct RFC4314Tests {
    @Test func `everybody learns the rights that the desk gives`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * ACL RIGHTS=kxte *
            S: a OK *
            C: CREATE Private/a
            S: a OK *
            C: MYRIGHTS Private/a
            S: * MYRIGHTS *Private/a* "lrswikxtecd"
            S: a OK MYRIGHTS completed
            C: MYRIGHTS INBOX
            S: * MYRIGHTS *INBOX* "lrswited"
            S: a OK *
            C: MYRIGHTS Pools
            S: * MYRIGHTS *Pools* "lr"
            S: a OK *
            C: MYRIGHTS Private
            S: * MYRIGHTS *Private* "lrkc"
            S: a OK *
            C: MYRIGHTS nowhere
            S: a NO [NONEXISTENT] *
            C: GETACL Private/a
            S: * ACL *Private/a* "anna@acme.example" "lrswikxtecd"
            S: a OK GETACL completed
            C: GETACL Pools/Returns
            S: * ACL *Pools/Returns* "anna@acme.example" "lrswited" "bartek@acme.example" "lri" *
            S: a OK *
            C celina: MYRIGHTS New
            S: * MYRIGHTS *New* "lrswited"
            S: a OK *
            C: LISTRIGHTS New celina@acme.example
            S: * LISTRIGHTS *New* "celina@acme.example" "lrswited"
            S: a OK LISTRIGHTS completed
            C: LISTRIGHTS Private/a bartek@acme.example
            S: * LISTRIGHTS *Private/a* "bartek@acme.example" ""
            S: a OK *
            C: LISTRIGHTS Private/a anyone
            S: * LISTRIGHTS *Private/a* "anyone" ""
            S: a OK *
            C: SETACL Private/a bartek@acme.example +lr
            S: a NO [NOPERM] *
            C: SETACL Private/a bartek@acme.example LR
            S: a BAD *
            C: SETACL Private/a bartek@acme.example ""
            S: a NO [NOPERM] *
            C: DELETEACL Private/a anna@acme.example
            S: a NO [NOPERM] *
            C: MYRIGHTS
            S: a BAD *
            C bartek: MYRIGHTS "Team/Anna Nowak"
            S: * MYRIGHTS "*" "lrswited"
            S: a OK *
            """#)
    }
}
