using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Tests.Configuration;

public sealed class ReadingSecretsAndProxyTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Secrets_come_from_the_environment_a_file_or_a_vault()
    {
        WriteSecretFile("token.txt", $"{ConfigurationFolder.Password}\r\n");
        _folder.Context = _folder.Context with
        {
            EnvironmentVariable = name => name == "PHISHME_USER" ? ConfigurationFolder.User : null,
            SecretResolver = name => name == "vault/proxy" ? " p:@ss%20/# " : null,
        };

        var settings = _folder.Read($"""
            [pm_api]
            user = env:PHISHME_USER
            pass = file:token.txt
            [output_json]
            use = True
            [local_proxy]
            use = True
            https = http://proxy.example:3128
            auth_basic_use = True
            auth_basic_user = DOMAIN\me
            auth_basic_pass = secret:vault/proxy
            """).Clean();

        Assert.Equal((ConfigurationFolder.User, ConfigurationFolder.Password), (settings.Api.User, settings.Api.Password));
        Assert.Equal((@"DOMAIN\me", " p:@ss%20/# "), (settings.Proxy?.User, settings.Proxy?.Password));
    }

    [Theory]
    [InlineData("env:NOT_SET", "environment variable")]
    [InlineData("env:", "environment variable")]
    [InlineData("env:EMPTY", "environment variable")]
    [InlineData("file:no-such-file", "does not exist")]
    [InlineData("file:", "does not exist")]
    [InlineData("file:empty.txt", "is empty")]
    [InlineData("file:large.txt", "too large")]
    [InlineData("secret:unknown", "Set-Secret")]
    [InlineData("secret:broken", "Get-Secret")]
    public void A_secret_that_cannot_be_had_is_an_error_of_its_key(string value, string advice)
    {
        WriteSecretFile("empty.txt", "\n");
        WriteSecretFile("large.txt", new string('x', 100_000));
        _folder.Context = _folder.Context with
        {
            EnvironmentVariable = name => name == "EMPTY" ? " " : null,
            SecretResolver = name => name == "broken" ? throw new InvalidOperationException("hunter2") : null,
        };

        var finding = WithPassword(value).Only(FindingRules.SecretUnavailable);

        finding.IsAt(3, "pm_api", "pass");
        Assert.Contains(advice, finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_vault_the_message_says_who_has_one() =>
        Assert.Contains("Invoke-PhishMeIntegration", WithPassword("secret:api").Only(FindingRules.SecretUnavailable).Message, StringComparison.Ordinal);

    [Fact]
    public void A_secret_from_elsewhere_must_be_whole_too()
    {
        _folder.Context = _folder.Context with { EnvironmentVariable = _ => "too short a token" };

        var finding = WithPassword("env:TOKEN").Only(FindingRules.TooShort);

        Assert.DoesNotContain("too short a token", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void A_literal_secret_that_others_can_read_is_a_warning()
    {
        _folder.Save(ConfigurationFolder.Minimum);
        Open(_folder.File);

        var finding = _folder.Read().Only(FindingRules.SecretExposed);

        finding.IsAt(2, "pm_api", "user");
        Assert.Contains("chmod 600", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void Without_a_literal_secret_others_may_read_the_file()
    {
        _folder.Context = _folder.Context with { EnvironmentVariable = _ => ConfigurationFolder.Password };
        _folder.Save("[pm_api]\nuser = env:A\npass = env:B\n[output_json]\nuse = True\n");
        Open(_folder.File);

        _folder.Read().Clean();
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void A_secret_file_that_others_can_read_is_a_warning()
    {
        WriteSecretFile("token.txt", ConfigurationFolder.Password);
        Open(_folder["token.txt"]);

        var finding = WithPassword("file:token.txt").Only(FindingRules.SecretExposed);

        finding.IsAt(3, "pm_api", "pass");
        Assert.Contains(_folder["token.txt"], finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pass = {0}")]
    [InlineData("pass = {0} ; from the portal")]
    [InlineData("pass = \"{0}\"")]
    [InlineData("pass = {0}\n  {0}")]
    [InlineData("pass = {0}\npass = {0}")]
    [InlineData("pass = short {0}")]
    [InlineData("pass {0}")]
    [InlineData("{0} = pass")]
    [InlineData("{0}:{0}")]
    [InlineData("password = {0}")]
    [InlineData("pass =\n{0}")]
    [InlineData("[{0} {0}]")]
    [InlineData("base_url = https://me:{0}@threathq.example/apiv1?")]
    [InlineData("base_url = me:{0}@threathq.example")]
    [InlineData("base_url = https://me:{0}@threathq.example/apiv1")]
    [InlineData("[local_proxy]\nuse = True\nhttps = http://me:{0}@proxy.example:99999")]
    [InlineData("[local_proxy]\nuse = True\nhttps = http://me:{0}@proxy.example:3128")]
    [InlineData("[local_proxy]\nuse = True\nhttps = http://p\nauth_basic_use = True\nauth_basic_user = me\nauth_basic_pass = {0} #")]
    [InlineData("client_certificate = no.pem\nclient_certificate_password = {0}")]
    public void No_finding_ever_shows_a_secret(string lines)
    {
        const string Token = "T0K3N-t0k3n-T0K3N-t0k3n-T0K3N-t0k3n";
        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, lines, Token);

        var reading = _folder.Read($"[pm_api]\nuser = {ConfigurationFolder.User}\n{text}\n[output_json]\nuse = True\n");

        Assert.DoesNotContain(reading.Findings, finding => finding.ToString().Contains(Token, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Token, reading.Fault?.ToString() ?? string.Empty, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, reading.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, reading.Settings?.ToString() ?? string.Empty, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Settings_as_text_hold_no_secret()
    {
        var settings = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            [local_proxy]
            use = True
            https = http://proxy.example:3128
            auth_basic_use = True
            auth_basic_user = me
            auth_basic_pass = hunter2
            """).Clean();

        Assert.DoesNotContain(ConfigurationFolder.Password, settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_or_quotes_around_a_text_are_a_part_of_it()
    {
        var reading = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            multiple_file_location = "threats"
            [local_proxy]
            use = True
            https = http://proxy.example:3128
            auth_basic_use = True
            auth_basic_user = me ; the service account
            auth_basic_pass = hunter2
            """);

        reading.Single(FindingRules.ValueQuoted).IsAt(8, "integration_raw_json", "multiple_file_location");
        reading.Single(FindingRules.InlineComment).IsAt(13, "local_proxy", "auth_basic_user");
        Assert.Equal("me ; the service account", reading.Valid().Proxy?.User);
        Assert.Equal(_folder["\"threats\""], reading.Valid().Outputs[0].Folder);
    }

    [Fact]
    public void A_proxy_serves_both_kinds_of_address_and_leaves_hosts_out()
    {
        var proxy = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            [local_proxy]
            use = True
            http = http://one.example:3128/
            https = https://two.example:3129
            auth_basic_use = False
            auth_basic_user = unused
            bypass = localhost, *.corp.example
              10.0.0.1;intranet
            """).Clean().Proxy;

        Assert.Equal(new Uri("http://one.example:3128"), proxy?.Http);
        Assert.Equal(new Uri("https://two.example:3129"), proxy?.Https);
        Assert.Null(proxy?.User);
        Assert.Equal(["localhost", "*.corp.example", "10.0.0.1", "intranet"], proxy?.Bypass);
    }

    [Theory]
    [InlineData("http = http://proxy.example:3128", "ValueMissing", "https")]
    [InlineData("https = proxy.example:3128", "NotAUrl", "https")]
    [InlineData("https = socks5://proxy.example:1080", "NotAUrl", "https")]
    [InlineData("https = http://proxy.example:3128\nauth_basic_use = True\nauth_basic_pass = x", "ValueMissing", "auth_basic_user")]
    [InlineData("https = http://proxy.example:3128\nauth_basic_use = True\nauth_basic_user = x", "ValueMissing", "auth_basic_pass")]
    public void A_proxy_in_use_must_be_complete(string lines, string id, string key) =>
        Assert.Equal(key, _folder.Read($"{ConfigurationFolder.Minimum}[local_proxy]\nuse = True\n{lines}\n").Only(FindingRules.All.Single(rule => rule.Id == id)).Key);

    [Fact]
    public void Credentials_in_the_address_of_the_proxy_are_used_with_a_warning()
    {
        var reading = _folder.Read($"{ConfigurationFolder.Minimum}[local_proxy]\nuse = True\nhttps = http://me:p%40ss@proxy.example:3128\n");

        reading.Only(FindingRules.CredentialsInUrl).IsAt(9, "local_proxy", "https");
        var proxy = reading.Valid().Proxy;
        Assert.Equal(("me", "p@ss", new Uri("http://proxy.example:3128")), (proxy?.User, proxy?.Password, proxy?.Https));
        Assert.DoesNotContain("me:", proxy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_in_the_address_of_the_API_are_left_out_with_a_warning()
    {
        var reading = _folder.Read($"{ConfigurationFolder.Credentials}base_url = https://me:pw@threathq.example/apiv1/\n[output_json]\nuse = True\n");

        reading.Only(FindingRules.CredentialsInUrl).IsAt(4, "pm_api", "base_url");
        Assert.Equal("https://threathq.example/apiv1", reading.Valid().Api.BaseUri.AbsoluteUri);
    }

    private ConfigurationReading WithPassword(string value) =>
        _folder.Read(ConfigurationFolder.Minimum.Replace($"pass = {ConfigurationFolder.Password}", $"pass = {value}", StringComparison.Ordinal));

    private void WriteSecretFile(string name, string content)
    {
        File.WriteAllText(_folder[name], content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }
    }
}
