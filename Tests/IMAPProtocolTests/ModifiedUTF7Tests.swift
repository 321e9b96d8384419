import Testing

@testable import IMAPProtocol

@Suite struct ModifiedUTF7Tests {
    static let rows: [(wire: String, name: String)] = [
        ("INBOX", "INBOX"), ("", ""), ("&-", "&"), ("A &- B", "A & B"), ("Zamkni&ARk-te", "Zamknięte"),
        ("Nast&ARk-pne", "Następne"), ("Zesp&APMBQg-", "Zespół"), ("Wys&AUI-ane", "Wysłane"),
        ("Dzia&AUI-y", "Działy"), ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
        ("&2D3eAA-", "😀"), ("&2D3eANg93gE-", "😀😁"), ("&AOkA6Q-", "éé"), ("&AOkA6QDp-", "ééé"),
        ("a&-b&-&AOk-", "a&b&é"), ("%*", "%*"), ("&AH8-", "\u{7F}"),
    ]

    @Test(arguments: rows) func `a name has one spelling and is read back from it`(wire: String, name: String) {
        #expect(String(decoding: ModifiedUTF7.encode(name), as: UTF8.self) == wire)
        if name != "\u{7F}" { #expect(ModifiedUTF7.decode(wire.utf8) == name) }
    }

    @Test(arguments: [
        "&", "&A", "&AOk", "A&B", "&AO-", "&AOl-", "&AOkA-", "&AGE-", "&AA0-", "&2D0-", "&3gA-", "&2D0A6Q-", "é",
        "a\tb",
        "&A/k-", "&AOk=-", "&AOk-&", "&ZeVnLIqe\u{7F}",
    ]) func `what no encoder writes is refused`(wire: String) {
        #expect(ModifiedUTF7.decode(wire.utf8) == nil)
    }

    @Test func `every scalar survives`() {
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 97) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let name = "x\(scalar)&\(scalar)\(scalar)y"
            #expect(
                ModifiedUTF7.decode(ModifiedUTF7.encode(name))?.unicodeScalars.elementsEqual(name.unicodeScalars)
                    == true)
        }
    }
}
