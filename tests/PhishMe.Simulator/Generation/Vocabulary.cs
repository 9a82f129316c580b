namespace PhishMe.Simulator.Generation;

/// <summary>The invented words that generated threats are made of. Documentation addresses and example domains only.</summary>
internal static class Vocabulary
{
    public static readonly (string Name, string Description)[] Families =
    [
        ("Sample Keylogger", "Invented family that records keystrokes, reads the clipboard and sends both by mail to an address in its configuration."),
        ("Demo RAT", "Invented remote access tool"),
        ("Mock Loader", "Invented loader that fetches a second stage, checks that it runs outside of a laboratory and removes itself."),
        ("Paper Stealer", "Invented information stealer; it gathers saved credentials from browsers, mail clients and file transfer programs."),
        ("Placebo Banker", "Invented banking trojan with web injects for a list of institutions that it downloads from its controller."),
        ("Dummy Locker", "Invented ransomware"),
        ("Étude Bot", "Invented botnet client, kept for its accent: names are not ASCII."),
        ("Credential Phishing", "An instance of credential phishing"),
    ];

    public static readonly (string Name, string Description)[] Mechanisms =
    [
        ("OfficeMacro", "Office document whose macro fetches the next stage"),
        ("OLE Package", "Office document with an embedded OLE package that a user is asked to open"),
        ("JSDropper", "Script file that writes and starts the next stage"),
        ("Archive", "Password-protected archive; the password stands in the message"),
        ("HTML Smuggling", "Attached page that assembles the payload in the browser"),
        ("PDF Link", "PDF document with a link to a download"),
    ];

    public static readonly (string Role, string Description)[] Roles =
    [
        ("C2", "Command and control location used by malware"),
        ("Payload", "Location from which a payload is obtained"),
        ("C2", "Command and control location used by malware"),
        ("Payload", "Location from which a payload is obtained"),
        ("InfURL", "Infection URL embedded in the message"),
        ("IDinfo", "Service asked by malware for its public address"),
        ("PaySite", "Page on which a ransom is to be paid"),
        ("Credential Phishing", "Credential Phishing"),
    ];

    public static readonly string[] Subclasses =
    [
        "Compromised", "Update or Standard C2", "URL embedded in the email or attached file.",
        "Additional phishing URLs not found in the original email",
    ];

    public static readonly string[] Themes =
    [
        "Invoice", "Payment Notice", "Delivery", "Voicemail", "Order", "Résumé", "Tax Form", "Fax", "Wire Transfer", "Meeting Notes",
    ];

    public static readonly (int Id, string Text)[] Brands =
    [
        (5901, "Example Logistics"), (1253, "Example Bank"), (915, "Generic Threat"), (4410, "Muster & Söhne"), (4411, "Example Telecom"),
        (4412, "Sample Airlines"), (4413, "Ministry of Examples"), (4414, "例示銀行"), (4415, "Example Cloud"), (4416, "Exemple Énergie"),
    ];

    public static readonly (string Iso, string Name, string Native, string Family)[] Languages =
    [
        ("en", "English", "English", "Indo-European"), ("en", "English", "English", "Indo-European"),
        ("de", "German", "Deutsch", "Indo-European"), ("ja", "Japanese", "日本語", "Japonic"), ("zh-cn", "Chinese (Simplified)", "简体中文", "Sino-Tibetan"),
        ("ko", "Korean", "한국어", "Koreanic"), ("fr", "French", "français", "Indo-European"), ("ar", "Arabic", "العربية", "Afro-Asiatic"),
    ];

    public static readonly string[] Subjects =
    [
        "Overdue invoice = reminder | ", "Facture échue – n° ", "支払い通知 ", "Your parcel ", "Voicemail from +1 555 0100: ", "결제 확인 ",
        "RE: order \\ confirmation ", "Wichtig: Überweisung ", "Trailing blank kept ", "\"Quoted\" subject <b>",
    ];

    public static readonly (string Name, string Extension)[] Files =
    [
        ("Invoice", "docm"), ("svchelper", "exe"), ("支払い通知", "exe"), ("Order, copy", "zip"), ("scan_0001", "pdf"), ("update", "dll"), ("Übersicht", "xlsm"),
        ("label", "js"), ("payload", "bin"), ("message", "html"),
    ];

    /// <summary>File names that break careless writers of CEF, XML and paths.</summary>
    public static readonly string[] AwkwardFiles =
    [
        "a=b|c\\d.exe", "two\nlines.js", "tab\there.vbs", "line\u2028separator.exe", "next\u0085line.exe", "<script>&amp;.hta", "../../escape.exe", " blanks around ",
        "CON", "bell\u0007.scr", "right\u202Eexe.doc",
    ];

    public static readonly string[] HostWords = ["files", "login", "cdn", "mail", "static", "update", "portal", "secure", "docs", "img"];

    public static readonly string[] DomainWords = ["malware", "phish", "sender", "hosting", "landing", "dropzone", "collector", "mirror"];

    public static readonly string[] Suffixes = ["example", "example", "test", "example.com", "example.net", "example.org", "invalid"];

    public static readonly string[] Impacts = ["Major", "Major", "Major", "Moderate", "Moderate", "Minor", "None"];

    public static readonly (string Continent, string ContinentName, string Iso, string Name, string Sub, string SubName, string Zone, string Postal, string Lat, string Lon)[] Places =
    [
        ("EU", "Europe", "GB", "United Kingdom", "ENG", "England", "Europe/London", "EC1A", "51.5", "-0.12"),
        ("NA", "North America", "US", "United States", "OH", "Ohio", "America/New_York", "0002", "39.1620", "-84.4569"),
        ("EU", "Europe", "DE", "Germany", "11", "Land Berlin", "Europe/Berlin", "10115", "52", "13.0"),
        ("AS", "Asia", "JP", "Japan", "13", "Tōkyō", "Asia/Tokyo", "100-0001", "35.6850", "139.7514"),
        ("AQ", "Antarctica", "AQ", "Antarctica", "00", "", "Antarctica/Vostok", "", "-90", "0"),
    ];

    public static readonly string[] Vendors = MakeVendors();

    private static string[] MakeVendors()
    {
        string[] words =
        [
            "Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa",
            "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "Xray", "Yankee", "Zulu",
        ];
        return [.. words.Select(word => word + "AV"), .. words.Select(word => word + "-Shield")];
    }
}
