namespace PhishMe.Engine.Tests.Simulator;

/// <summary>The invented threats of the fact sheets and the CEF lines that belong to them.</summary>
internal static class FactSheet
{
    /// <summary>reference/threat.md §5.1: every field.</summary>
    public const string MalwareA = """
        {
         "id": 900101,
         "relatedSearchTags": [],
         "malwareFamilySet": [{"familyName": "Sample Keylogger", "description": "Invented family that records keystrokes"}],
         "deliveryMechanisms": [{"mechanismName": "OfficeMacro", "description": "Office document whose macro fetches the next stage"}],
         "feeds": [{"id": 23, "permissions": {"READ": true, "WRITE": false, "OWNER": false}, "displayName": "Cofense"}],
         "blockSet": [
          {
           "deliveryMechanism": {"mechanismName": "OfficeMacro", "description": "Office document whose macro fetches the next stage"},
           "impact": "Major",
           "confidence": 100,
           "blockType": "URL",
           "role": "Payload",
           "roleDescription": "Location from which a payload is obtained",
           "data": "https://files.malware.example/get.php?id=7&t=a",
           "data_1": {
            "url": "https://files.malware.example/get.php?id=7&t=a",
            "domain": "malware.example",
            "path": "/get.php",
            "protocol": "https",
            "host": "files.malware.example",
            "query": "id=7&t=a"
           }
          },
          {
           "deliveryMechanism": {"mechanismName": "OfficeMacro", "description": "Office document whose macro fetches the next stage"},
           "impact": "Moderate",
           "confidence": 100,
           "blockType": "Domain Name",
           "role": "Payload",
           "roleDescription": "Location from which a payload is obtained",
           "infrastructureTypeSubclass": {"description": "Compromised"},
           "data": "files.malware.example",
           "data_1": "files.malware.example"
          },
          {
           "malwareFamily": {"familyName": "Sample Keylogger", "description": "Invented family that records keystrokes"},
           "impact": "Major",
           "confidence": 85,
           "blockType": "IPv4 Address",
           "role": "C2",
           "roleDescription": "Command and control location used by malware",
           "ipDetail": {
            "ip": "203.0.113.45",
            "lookupOn": 1750766283217,
            "latitude": 51.5,
            "longitude": -0.12,
            "metroCode": 0,
            "timeZone": "Europe/London",
            "continentName": "Europe",
            "continentCode": "EU",
            "countryName": "United Kingdom",
            "countryIsoCode": "GB",
            "subdivisionName": "England",
            "subdivisionIsoCode": "ENG",
            "postalCode": "EC1A",
            "asn": 64500,
            "asnOrganization": "Example Hosting AS",
            "isp": "Example Hosting",
            "organization": "Example Hosting",
            "userType": "hosting"
           },
           "data": "203.0.113.45",
           "data_1": "203.0.113.45"
          },
          {
           "malwareFamily": {"familyName": "Sample Keylogger", "description": "Invented family that records keystrokes"},
           "impact": "Major",
           "confidence": 0,
           "blockType": "Email",
           "role": "C2",
           "roleDescription": "Command and control location used by malware",
           "data": "drop@mail.example",
           "data_1": "drop@mail.example"
          },
          {
           "malwareFamily": {"familyName": "Sample Keylogger", "description": "Invented family that records keystrokes"},
           "impact": "None",
           "confidence": 0,
           "blockType": "Domain Name",
           "role": "IDinfo",
           "roleDescription": "Service asked by malware for its public address",
           "data": "whatismyip.example",
           "data_1": "whatismyip.example"
          }
         ],
         "campaignBrandSet": [{"totalCount": 3, "brand": {"id": 5901, "text": "Example Logistics"}}],
         "extractedStringSet": [{"data": "mutex-900101", "malwareFamily": {"familyName": "Sample Keylogger", "description": "Invented family that records keystrokes"}}],
         "domainSet": [{"totalCount": 2, "domain": "sender.example"}],
         "senderEmailSet": [{"totalCount": 2, "senderEmail": "billing@sender.example"}],
         "executableSet": [
          {
           "deliveryMechanism": {"mechanismName": "OfficeMacro", "description": "Office document whose macro fetches the next stage"},
           "vendorDetections": [{"detected": true, "threatVendorName": "VendorA"}, {"detected": false, "threatVendorName": "VendorB"}],
           "fileName": "Invoice 4471.docm",
           "fileNameExtension": "docm",
           "type": "Attachment",
           "dateEntered": 1750765210101,
           "severityLevel": "Major",
           "md5Hex": "6f66b67a97dc3f2661dab3eacd13f9b9",
           "sha1Hex": "cb4ad76a0c51b9906e645f94fed769e8e45be4dc",
           "sha224Hex": "3abf7843630cf230f97e94b9d6c2040c22e0c1eb0459705171a8be9f",
           "sha256Hex": "5a6c18ce27140f38e8b468d4d7a1a9473080a63107af83b7b1c065fede01aef6",
           "sha384Hex": "dd8bdf1818501a045710c7bdafbe4cdd09d4af88df4da30837d2abbe56680913c86516ad2bdecfb6eaa9622cebcc59c0",
           "sha512Hex": "913cb178dd935f5061b63c3837e1957f3dfcb02219533acf40eafd151fe1c1a4f82e401b0211de1ddf2ffc363cb7ceff463c377637341c9cf1163dc07208ce85",
           "ssdeep": "96:abcDEF0123:abcDEF0123"
          },
          {
           "malwareFamily": {"familyName": "Sample Keylogger", "description": "Invented family that records keystrokes"},
           "executableSubtype": {"description": "Persistence module or file"},
           "vendorDetections": [],
           "fileName": "svchelper.exe",
           "fileNameExtension": "exe",
           "type": "Drop",
           "dateEntered": 1750765315020,
           "severityLevel": "Major",
           "md5Hex": "4e04c7cd279535ad5d56eeafc49d2633",
           "sha1Hex": "036a0747f9d3157a3f1e6b874b0b2be649581378",
           "sha224Hex": "a71d93df4318e63df1ba7352d302e8d959e2eacc89836bb70fa1ccdd",
           "sha256Hex": "22c154421ab708788819cc1070c8942dadbbb5f9f6ed3b4914519d4c901d0b2b",
           "sha384Hex": "af95cdd3144bce213eb8c2cabf6ede2723183f12d521bd8ae75e1d931ae743b0f34c12baaad26dfb9fc0729a53d9c04e",
           "sha512Hex": "3c61134d2f2a04bf45fa7c832dcc0e2048b969cd4d2b384bf341b66dc77b87d961c607ca6ac23a52fce64e3e010444e06da2edbd025aaf7291b7a38e7ec30b00",
           "ssdeep": "1536:xyzXYZ:xyzXYZ"
          }
         ],
         "senderIpSet": [{"totalCount": 2, "ip": "198.51.100.23"}],
         "senderNameSet": [{"totalCount": 2, "name": "Accounts Team"}],
         "spamUrlSet": [
          {
           "totalCount": 1,
           "url": "http://click.sender.example/u/1",
           "url_1": {"url": "http://click.sender.example/u/1", "domain": "sender.example", "path": "/u/1", "protocol": "http", "host": "click.sender.example"}
          }
         ],
         "subjectSet": [{"totalCount": 2, "subject": "Overdue invoice = reminder | 4471"}, {"totalCount": 1, "subject": "Facture n° 4471 – échéance"}],
         "campaignLanguageSet": [{"languageDefinition": {"isoCode": "en", "name": "English", "nativeName": "English", "family": "Indo-European"}}],
         "campaignScreenshotSet": [],
         "naicsCodes": [],
         "lastPublished": 1750766404512,
         "firstPublished": 1750766401337,
         "label": "Invoice - OfficeMacro, Sample Keylogger",
         "executiveSummary": "Invoice-themed messages carry a document whose macro installs Sample Keylogger.",
         "hasReport": true,
         "reportURL": "https://www.threathq.com/api/l/activethreatreport/900101/html",
         "apiReportURL": "https://www.threathq.com/apiv1/t3/malware/900101/html",
         "threatDetailURL": "https://www.threathq.com/p42/search/default?m=900101",
         "threatType": "MALWARE"
        }
        """;

    /// <summary>reference/threat.md §5.2: sparse, non-Latin text, no brand, no report.</summary>
    public const string MalwareB = """
        {
         "id": 900102,
         "relatedSearchTags": [],
         "malwareFamilySet": [{"familyName": "Demo RAT", "description": "Invented remote access tool"}],
         "deliveryMechanisms": [],
         "feeds": [{"id": 23, "permissions": {"READ": true, "WRITE": false, "OWNER": false}, "displayName": "Cofense"}],
         "blockSet": [
          {
           "malwareFamily": {"familyName": "Demo RAT", "description": "Invented remote access tool"},
           "impact": "Minor",
           "confidence": 0,
           "blockType": "IPv4 Address",
           "role": "C2",
           "roleDescription": "Command and control location used by malware",
           "data": "192.0.2.88",
           "data_1": "192.0.2.88"
          }
         ],
         "campaignBrandSet": [{"totalCount": 1, "brand": {"id": 2051, "text": "None"}}],
         "extractedStringSet": [],
         "domainSet": [],
         "senderEmailSet": [],
         "executableSet": [
          {
           "malwareFamily": {"familyName": "Demo RAT", "description": "Invented remote access tool"},
           "vendorDetections": [],
           "fileName": "支払い通知.exe",
           "fileNameExtension": "exe",
           "type": "Download",
           "dateEntered": 1750839000000,
           "severityLevel": "Major",
           "md5Hex": "32ddd67e04b4a12e19575e12ee09ed83"
          }
         ],
         "senderIpSet": [],
         "senderNameSet": [],
         "spamUrlSet": [],
         "subjectSet": [{"totalCount": 1, "subject": "支払い通知"}],
         "campaignLanguageSet": [{"languageDefinition": {"isoCode": "ja", "name": "Japanese", "nativeName": "日本語", "family": "Japonic"}}],
         "lastPublished": 1750843800900,
         "firstPublished": 1750843799004,
         "label": "Payment Notice - Demo RAT",
         "executiveSummary": "Payment-notice messages deliver Demo RAT.",
         "hasReport": false,
         "reportURL": "https://www.threathq.com/api/l/activethreatreport/900102/html",
         "apiReportURL": "https://www.threathq.com/apiv1/t3/malware/900102/html",
         "threatDetailURL": "https://www.threathq.com/p42/search/default?m=900102",
         "threatType": "MALWARE",
         "naicsCodes": []
        }
        """;

    /// <summary>reference/threat.md §5.3: full.</summary>
    public const string PhishA = """
        {
         "id": 8800001,
         "threatType": "PHISH",
         "brands": [{"id": 1253, "text": "Example Bank"}],
         "feeds": [{"id": 23, "permissions": {"READ": true, "WRITE": false, "OWNER": false}, "displayName": "Cofense"}],
         "confirmedDate": 1750773909800,
         "firstDate": 1750773780120,
         "lastDate": 1750789361007,
         "isConfirmedPhishingWebsite": "YES",
         "processingState": "ANALYZED",
         "phishingURL": "https://login.phish.example/bank/index.html",
         "phishingURL_1": {
          "url": "https://login.phish.example/bank/index.html",
          "domain": "phish.example",
          "path": "/bank/index.html",
          "protocol": "https",
          "host": "login.phish.example"
         },
         "reportedURLs": ["http://short.example/x1"],
         "reportedURLs_1": [{"url": "http://short.example/x1", "domain": "short.example", "path": "/x1", "protocol": "http", "host": "short.example"}],
         "actionURLs": ["https://login.phish.example/bank/post.php"],
         "actionURLs_1": [
          {
           "url": "https://login.phish.example/bank/post.php",
           "domain": "phish.example",
           "path": "/bank/post.php",
           "protocol": "https",
           "host": "login.phish.example"
          }
         ],
         "title": "Example Bank – Sign in",
         "language": {"languageDefinition": {"isoCode": "en", "name": "English", "nativeName": "English", "family": "Indo-European"}, "probability": 0.98},
         "ipDetail": {
          "ip": "198.51.100.77",
          "lookupOn": 1750766283217,
          "latitude": 51.5,
          "longitude": -0.12,
          "metroCode": 0,
          "timeZone": "Europe/London",
          "continentName": "Europe",
          "continentCode": "EU",
          "countryName": "United Kingdom",
          "countryIsoCode": "GB",
          "subdivisionName": "England",
          "subdivisionIsoCode": "ENG",
          "postalCode": "EC1A",
          "asn": 64501,
          "asnOrganization": "Example Hosting AS",
          "isp": "Example Hosting",
          "organization": "Example Hosting",
          "userType": "hosting"
         },
         "screenshot": {
          "url": "https://www.threathq.com/apiv1/screenshot/8800001",
          "url_1": {
           "url": "https://www.threathq.com/apiv1/screenshot/8800001",
           "domain": "threathq.com",
           "path": "/apiv1/screenshot/8800001",
           "protocol": "https",
           "host": "www.threathq.com"
          }
         },
         "webComponents": [
          {
           "resourceURL": {
            "url": "https://login.phish.example/bank/logo.png",
            "domain": "phish.example",
            "path": "/bank/logo.png",
            "protocol": "https",
            "host": "login.phish.example"
           },
           "fileName": "logo.png",
           "fileExtension": ".png",
           "size": 4821,
           "md5": "4724e7f8c7ef95827197ec0d6101254e",
           "sha1": "1422eac0a5bc885fcd8b0a0fee3143dc48d49667",
           "sha224": "bec0b0d00a8fc9e4fa236eaba407ae5d92016b8db80cc25c0652d43c",
           "sha256": "2df994d4f199696c4a674b7dfd3744bd18199784da84de408511a5f0d12ed40f",
           "sha384": "94db90044dd29676d29cf0a9111a2f6402e14c7c451b1b13769844d4c132208140d6748644d74c1a32b514459dab72ca",
           "sha512": "5356fa5b0da36f58b6fa41cd37c9a32f4ba6098ed2070b6c8e37786e5905347f1f1d71191b7d5fc086d5f95e4995e6c4c8982b4cbec310bd4ce1de70b7452c2b"
          }
         ],
         "kits": [
          {
           "kitName": "bank.zip",
           "fileSize": 20480,
           "md5": "f2a8d00c0e5cd21decaa01a5faede48a",
           "sha1": "be5823513d0f6ef58f9a74759ec4d2588aafca21",
           "sha224": "bf676a393bad933ebee62d73fc717d4d88c6e64347b4420078ec218b",
           "sha256": "db95f89c7618414e64b6a571fbf04e9840f18c2f59b56b61f4084400e65c537c",
           "sha384": "2410e59d1376400185944d89e346960a9142329f5d1aa5dcc05905b2e603acc3c4c77b518d327ece982e882b73141914",
           "sha512": "bfc4122d45d1342054e0df389679a35cfbd9719a8b5321b27ab3fedcd9618ae662897c5302893f4ae2b6423d5907f6e74cb089e6ae4b3f1ecf19b03366fa9fd7",
           "ssdeep": "48:kit-1:kit-1",
           "files": [
            {
             "fileName": "post.php",
             "path": "bank/post.php",
             "size": 1532,
             "md5": "88e2865e03a3a4199c097b705a682b05",
             "sha1": "9b5e3220ed3392fafac3ef79d1854bda8c565390",
             "sha224": "b069583bd95113ca219a2413aaed6ad44edfde8977809d0ad0106a21",
             "sha256": "a8190933ae7156b6f7a8ec4d691fad16421bd69f281148c43b23f70e718fe1ab",
             "sha384": "91db3b99f3c684836dcc2e70b498529e524cd4d6020626710aa7997c664090a947dac9c90cae4000125b49cc94f8ee47",
             "sha512": "e4c385452812ff99b87d8d0ffca0a80e0521764ec1a30184ade74f43c9218ef43ec6996d5fdf047c3efea17e369f318fe949ad7cc30ef4c8e1314de6f3bda519",
             "ssdeep": "48:kitfile-1:kitfile-1",
             "emails": [{"email": "collector@mail.example", "obfuscationType": "plaintext"}]
            },
            {
             "fileName": "index.html",
             "path": "bank/index.html",
             "size": 9120,
             "md5": "8c4dce32960c318037df3cde8b80e05c",
             "sha1": "9140122d7e8bfc71791bf3bcc977ed24150138e8",
             "sha224": "fddb6568cfb8c393b0d589dbe6bed116a5c2d53fee8c53dda9d69df3",
             "sha256": "7cfe51a74f9a9afdf17904f55966d20e8f78329b6a0c80d26c8b0735701eebbd",
             "sha384": "3812db73a5d706d083424a389d733be0faa5988085aaadef4abcbd383eebe7e0fe276b5d3e4f56ef1cab9a5d970dd67f",
             "sha512": "b2432985959fdc6bd3c4801024020082177983b71218653c854be853b2b6127d1e8d5614b633f63806e494e08f75bb816ba84bfb8adffadfb2527ebd5a5e8f7f",
             "ssdeep": "48:kitfile-2:kitfile-2",
             "emails": []
            }
           ]
          }
         ],
         "threatDetailURL": "https://www.threathq.com/p42/search/default?p=8800001"
        }
        """;

    /// <summary>reference/threat.md §5.4: sparse, an address as host.</summary>
    public const string PhishB = """
        {
         "id": 8800002,
         "threatType": "PHISH",
         "brands": [{"id": 915, "text": "Generic Threat"}],
         "feeds": [{"id": 23, "permissions": {"READ": true, "WRITE": false, "OWNER": false}, "displayName": "Cofense"}],
         "confirmedDate": 1750834801000,
         "firstDate": 1750834710000,
         "lastDate": 1750834710000,
         "isConfirmedPhishingWebsite": "YES",
         "processingState": "ANALYZED",
         "phishingURL": "http://192.0.2.10/mail/",
         "phishingURL_1": {"url": "http://192.0.2.10/mail/", "path": "/mail/", "protocol": "http", "host": "192.0.2.10"},
         "reportedURLs": ["http://192.0.2.10/mail/"],
         "reportedURLs_1": [{"url": "http://192.0.2.10/mail/", "path": "/mail/", "protocol": "http", "host": "192.0.2.10"}],
         "actionURLs_1": [],
         "webComponents": [],
         "kits": [],
         "threatDetailURL": "https://www.threathq.com/p42/search/default?p=8800002"
        }
        """;

    /// <summary>reference/cef.md §2: some of the lines of malware A …</summary>
    public static readonly string[] CefOfMalwareA =
    [
        @"CEF:0|PhishMe|Intelligence|1.0|watchlist_url|Watchlist URL|10|cat=Major externalId=900101 deviceCustomDate1=1750766401337 deviceCustomDate1Label=First Published cs1Label=Malware Family cs1=OfficeMacro cs2Label=Brand cs2=Example Logistics cs3Label=Infrastructure Type cs3=Payload cs4Label=Watchlist URL cs4=https://files.malware.example/get.php?id\=7&t\=a cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900101 cs6Label=Active Threat Report URL cs6=https://www.threathq.com/api/l/activethreatreport/900101/html",
        @"CEF:0|PhishMe|Intelligence|1.0|watchlist_domain|Watchlist Domain|7|cat=Moderate externalId=900101 deviceCustomDate1=1750766401337 deviceCustomDate1Label=First Published cs1Label=Malware Family cs1=OfficeMacro cs2Label=Brand cs2=Example Logistics cs3Label=Infrastructure Type cs3=Payload cs4Label=Watchlist Domain cs4=files.malware.example cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900101 cs6Label=Active Threat Report URL cs6=https://www.threathq.com/api/l/activethreatreport/900101/html",
        @"CEF:0|PhishMe|Intelligence|1.0|watchlist_ip|Watchlist IP|10|cat=Major externalId=900101 deviceCustomDate1=1750766401337 deviceCustomDate1Label=First Published dst=203.0.113.45 cs1Label=Malware Family cs1=Sample Keylogger cs2Label=Brand cs2=Example Logistics cs3Label=Infrastructure Type cs3=C2 cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900101 cs6Label=Active Threat Report URL cs6=https://www.threathq.com/api/l/activethreatreport/900101/html",
        @"CEF:0|PhishMe|Intelligence|1.0|malicious_file|Malicious File|10|cat=Major externalId=900101 deviceCustomDate1=1750766401337 deviceCustomDate1Label=First Published fname=Invoice 4471.docm fileHash=6f66b67a97dc3f2661dab3eacd13f9b9 cs1Label=Malware Family cs1=OfficeMacro cs2Label=Brand cs2=Example Logistics cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?m\=900101 cs6Label=Active Threat Report URL cs6=https://www.threathq.com/api/l/activethreatreport/900101/html",
    ];

    /// <summary>… and the one of phish A.</summary>
    public const string CefOfPhishA =
        @"CEF:0|PhishMe|Brand Intelligence|1.0|phish_confirmed|Phish Confirmed|10|externalId=8800001 deviceCustomDate1=1750773780120 deviceCustomDate1Label=First Seen dst=198.51.100.77 dhost=login.phish.example cs2Label=Brand cs2=Example Bank cs3Label=Phishing Domain cs3=phish.example cs4Label=Phishing URL cs4=https://login.phish.example/bank/index.html cs5Label=Threat Detail URL cs5=https://www.threathq.com/p42/search/default?p\=8800001 cs6Label=Screenshot URL cs6=https://www.threathq.com/apiv1/screenshot/8800001";
}
