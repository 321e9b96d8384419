import Testing

/// NAMESPACE (RFC 2342).
struct RFC2342Tests {
    @Test func `own mailboxes stand at the root, colleagues' and shared ones under their levels`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: NAMESPACE
            S: * NAMESPACE (("" "/")) (("Team/" "/")) (("Groups/" "/")*("Pools/" "/"))
            S: a OK NAMESPACE completed
            C bartek: NAMESPACE
            S: * NAMESPACE (("" "/")) (("Zesp&APMBQg-/" "/")) (("Grupy/" "/")*("Pule/" "/"))
            S: a OK NAMESPACE completed
            # Every prefix can be listed, in the language of the account or not.
            C bartek: LIST "" Zesp&APMBQg-/%
            S: * LIST (*) "/" "Zesp&APMBQg-/Anna Nowak"
            S: ...
            S: a OK *
            C: NAMESPACE now
            S: a BAD *
            """#)
        try await desk.dialogue(
            as: nil,
            #"""
            C: NAMESPACE
            S: a BAD Log in first
            """#)
    }
}
