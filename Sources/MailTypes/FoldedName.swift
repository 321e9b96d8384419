@_spi(_Unicode) import Swift

/// A name in its comparable form: NFC and lower case. Logins, mailboxes, pools and groups are unique in this form.
package func foldedName(_ name: some StringProtocol) -> String {
    if name.utf8.allSatisfy({ $0 < 0x80 }) { return name.lowercased() }
    var composed = String.UnicodeScalarView()
    for scalar in String(name)._nfc { composed.append(scalar) }
    return String(composed).lowercased()
}
