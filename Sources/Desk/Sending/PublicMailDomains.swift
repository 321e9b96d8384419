package import MailTypes

/// Domains in which anybody can have an address: two people there are no colleagues.
package enum PublicMailDomains {
    package static func contains(_ domain: DomainName) -> Bool { domains.contains(domain.ascii) }

    private static let domains: Set<String> = [
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com",
        "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io",
        "fastmail.com", "zoho.com", "mail.com", "hey.com", "duck.com",
        "gmx.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "posteo.de",
        "mailbox.org", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr", "libero.it", "virgilio.it",
        "seznam.cz", "email.cz", "centrum.cz", "azet.sk", "zoznam.sk", "ukr.net", "i.ua", "mail.ru", "yandex.ru",
        "yandex.com", "rambler.ru", "bk.ru", "list.ru", "inbox.ru", "qq.com", "163.com", "126.com",
        "yahoo.co.uk", "hotmail.co.uk", "btinternet.com", "comcast.net", "verizon.net", "att.net", "sbcglobal.net",
        "wp.pl", "o2.pl", "tlen.pl", "go2.pl", "onet.pl", "op.pl", "vp.pl", "poczta.onet.pl", "onet.eu", "autograf.pl",
        "interia.pl", "interia.eu", "intmail.pl", "poczta.fm", "gazeta.pl", "buziaczek.pl", "spoko.pl", "vip.onet.pl",
        "amorki.pl", "neostrada.pl", "prokonto.pl", "poczta.pl",
    ]
}
