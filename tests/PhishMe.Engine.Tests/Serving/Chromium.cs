using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>A headless Chromium, driven by its DevTools protocol over one socket.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _events = [];
    private int _last;
    private string? _session;

    private Chromium(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>What a page wrote to the console, and what the browser had to complain about.</summary>
    public IEnumerable<string> Complaints => _events
        .Where(one => (string?)one["method"] is "Runtime.consoleAPICalled" or "Runtime.exceptionThrown" or "Log.entryAdded" or "Audits.issueAdded")
        .Select(one => one.ToJsonString());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts it, or skips the test where there is none.</summary>
    public static async Task<Chromium> StartAsync()
    {
        string[] places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        var program = places.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "skipped: no Chromium");
        var profile = Directory.CreateTempSubdirectory("phishme-chromium-").FullName;
        var process = Process.Start(new ProcessStartInfo(
            program!,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
                "--no-proxy-server", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
            ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var browser = new Chromium(process, profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an address and waits for it.</summary>
    public async Task OpenAsync(string address)
    {
        _events.RemoveAll(one => (string?)one["method"] == "Page.loadEventFired");
        await CallAsync("Page.navigate", new JsonObject { ["url"] = address });
        while (!_events.Any(one => (string?)one["method"] == "Page.loadEventFired"))
        {
            _events.Add(await ReceiveAsync());
        }
    }

    /// <summary>Evaluates an expression of the page's own world.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true });
        return answer["result"]?["value"]?.ToString() ?? string.Empty;
    }

    /// <summary>Sets what the page sees of the device.</summary>
    public async Task LookAsync(int width, int height, string scheme)
    {
        await CallAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        await CallAsync("Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }) });
    }

    /// <summary>Presses a key.</summary>
    public async Task PressAsync(string key, int code)
    {
        foreach (var type in (string[])["keyDown", "keyUp"])
        {
            await CallAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code });
        }
    }

    /// <summary>A picture of the whole page, PNG.</summary>
    public async Task<byte[]> PictureAsync() =>
        Convert.FromBase64String((string)(await CallAsync("Page.captureScreenshot", new JsonObject { ["captureBeyondViewport"] = true }))["data"]!);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper of the browser that ends a little later.
        }
    }

    private async Task ConnectAsync()
    {
        // "DevTools listening on ws://127.0.0.1:PORT/devtools/browser/ID"
        const string Mark = "DevTools listening on ";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(Token) ?? throw new InvalidOperationException("Chromium ended before it listened.");
        }
        while (!line.StartsWith(Mark, StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _socket.Options.Proxy = null;
        await _socket.ConnectAsync(new Uri(line[Mark.Length..]), Token);
        var target = await CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        _session = (string?)(await CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = (string?)target["targetId"], ["flatten"] = true }))["sessionId"];
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Audits"])
        {
            await CallAsync($"{domain}.enable", []);
        }
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_last;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            call["sessionId"] = _session;
        }

        await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, Token);
        while (true)
        {
            var message = await ReceiveAsync();
            if ((int?)message["id"] == id)
            {
                return message["error"] is JsonNode error ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}") : message["result"]!;
            }

            _events.Add(message);
        }
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, Token);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(message.ToArray())!;
    }
}
