namespace PhishMe.InProcess.Tests;

/// <summary>A shell in which each command of the module answers with the parameter set and the arguments that PowerShell bound.</summary>
public sealed class BindingShell : IDisposable
{
    // Text of an argument: enough to see that the right one arrived in the right form.
    private const string Setup = """
        function Get-BoundText($Bound) {
            $words = foreach ($name in $Bound.Keys | Sort-Object) {
                $texts = foreach ($value in $Bound[$name]) {
                    switch ($value) {
                        { $_ -is [datetime] } { "$($_.ToUniversalTime().ToString('s')) $($_.Kind)".Replace('Utc', 'Local'); break }
                        { $_ -is [pscredential] -or $_ -is [System.Collections.IDictionary] -or $_ -is [PhishMe.Intelligence.Threat] } { '*'; break }
                        default { "$_" }
                    }
                }
                "$name=$($texts -join '+')"
            }
            $words -join ' '
        }
        foreach ($command in Get-Command -Module PhishMe) {
            $meta = [System.Management.Automation.CommandMetadata]::new($command)
            $attribute = [System.Management.Automation.ProxyCommand]::GetCmdletBindingAttribute($meta) -replace 'SupportsShouldProcess=\$true,? ?', ''
            $parameters = [System.Management.Automation.ProxyCommand]::GetParamBlock($meta)
            $body = 'process { [pscustomobject]@{ Set = $PSCmdlet.ParameterSetName; Bound = Get-BoundText $PSBoundParameters } }'
            Set-Item "function:global:$($command.Name)" ([scriptblock]::Create("$attribute param($parameters) $body"))
        }
        $global:threat = '{"id":1,"threatType":"MALWARE","blockSet":[]}' | PhishMe\ConvertFrom-PhishMeJson
        $global:credential = [pscredential]::new('user', [System.Net.NetworkCredential]::new('', 'word').SecurePassword)
        """;

    private readonly Shell _shell = Shell.Open();
    private readonly Lock _gate = new();

    public BindingShell()
    {
        var sets = _shell.Run("Get-Command -Module PhishMe -CommandType Cmdlet | ForEach-Object { foreach ($set in $_.ParameterSets) { \"$($_.Name) $($set.Name)\" } }");
        ParameterSets = sets.Text;
        var setup = _shell.Run(Setup);
        Assert.Null(setup.Thrown);
        Assert.Empty(setup.Errors);
    }

    /// <summary>Cmdlet and parameter set.</summary>
    public IReadOnlyList<string> ParameterSets { get; }

    /// <summary>The cmdlet of a line.</summary>
    public string CommandOf(string line)
    {
        lock (_gate)
        {
            _shell.Set("line", line);
            return _shell.Run("""
                $tree = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref]$null, [ref]$null)
                $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)[-1].GetCommandName()
                """).Text.Single();
        }
    }

    internal ShellResult Run(string line)
    {
        lock (_gate)
        {
            return _shell.Run(line);
        }
    }

    public void Dispose() => _shell.Dispose();
}
