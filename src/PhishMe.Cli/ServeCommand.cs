using System.CommandLine;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary><c>phishme serve</c>: becomes phishme-server, a program of its own, because it needs ASP.NET Core and runs do not.</summary>
internal static class ServeCommand
{
    public static Command Create(Option<string> configuration, TextWriter error)
    {
        var serve = new Command(
            "serve",
            "Serve feed files, TAXII 2.1 and a status page until stopped, as [feed_server] and [taxii_server] of the configuration file say. Runs phishme-server, which lies "
            + "beside phishme.") { configuration };
        serve.SetAction(async (parsed, token) =>
        {
            try
            {
                return await ServerProgram.RunAsync(["-conf", parsed.GetRequiredValue(configuration)], token);
            }
            catch (PhishMeException exception)
            {
                await error.WriteLineAsync($"{exception.Fault.Kind.Id}: {VisibleText.OfLines(exception.Fault.ToString())}");
                return (int)exception.Fault.Kind.ExitCode;
            }
        });
        return serve;
    }
}
