using System.Text;

namespace PhishMe.Simulator.Http;

/// <summary>The one user that is let in.</summary>
internal sealed class Credentials(string user, string password)
{
    private volatile string _password = password;

    public string User => user;

    public string Password => _password;

    public void Rotate(string newPassword) => _password = newPassword;

    public bool Accepts(string? header) =>
        header == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{_password}"));
}
