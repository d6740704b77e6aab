#!/usr/bin/env escript
%% Judge: Erlang's public_key for chains, ssl for handshakes, both ends over the loopback.
-mode(compile).

main([]) ->
    {ok, _} = application:ensure_all_started(ssl),
    logger:set_primary_config(level, none),
    questions(io:get_line("")).

questions(eof) -> ok;
questions(Line) ->
    Fields = string:split(string:trim(Line), "\t", all),
    case answer(Fields) of
        ok -> io:format("ok~n");
        {error, Reason} -> io:format("no: ~0p~n", [Reason])
    end,
    questions(io:get_line("")).

answer(["verify", Purpose, Name, Directory, Trust]) ->
    [Root] = certificates(Trust),
    Chain = [Leaf | _] = certificates(filename:join(Directory, "cert.pem")),
    Options = [{verify_fun, {fun extension/3, purpose(Purpose)}}],
    case public_key:pkix_path_validation(Root, lists:reverse(Chain), Options) of
        {ok, _} -> name(Leaf, Name);
        Refused -> Refused
    end;
answer(["tls", Server, Client, Trust, Name]) ->
    {ok, Listener} = ssl:listen(0, [{ip, {127, 0, 0, 1}}, {fail_if_no_peer_cert, true},
                                    {cacertfile, filename:join(Server, "ca.pem")} | own(Server)]),
    {ok, {_, Port}} = ssl:sockname(Listener),
    spawn_link(fun() -> serve(Listener) end),
    Answer = connect(Port, [{cacertfile, Trust}, {server_name_indication, Name} | own(Client)]),
    ssl:close(Listener),
    Answer.

%% pkix_path_validation leaves the extended key usage to its caller, as ssl does for its own.
extension(_, {extension, {'Extension', {2, 5, 29, 37}, _, Usages}}, Purpose) ->
    case lists:member(Purpose, Usages) of
        true -> {valid, Purpose};
        false -> {fail, {extended_key_usage, Usages}}
    end;
extension(_, {extension, _}, Purpose) -> {unknown, Purpose};
extension(_, {bad_cert, Reason}, _) -> {fail, Reason};
extension(_, _, Purpose) -> {valid, Purpose}.

purpose("server") -> {1, 3, 6, 1, 5, 5, 7, 3, 1};
purpose("client") -> {1, 3, 6, 1, 5, 5, 7, 3, 2}.

name(_, "-") -> ok;
name(Leaf, Name) ->
    Reference = case inet:parse_address(Name) of
        {ok, Address} -> {ip, Address};
        {error, _} -> {dns_id, Name}
    end,
    case public_key:pkix_verify_hostname(Leaf, [Reference]) of
        true -> ok;
        false -> {error, {hostname, Name}}
    end.

serve(Listener) ->
    {ok, Connection} = ssl:transport_accept(Listener),
    case ssl:handshake(Connection, 20000) of
        {ok, Accepted} -> ssl:send(Accepted, "!"), ssl:recv(Accepted, 0, 20000);
        {error, _} -> refused
    end.

%% Under TLS 1.3 a client learns only by reading that the server refused it (RFC 8446 §4.4.2.4).
connect(Port, Options) ->
    case ssl:connect({127, 0, 0, 1}, Port, Options, 20000) of
        {ok, Connection} ->
            Answer = ssl:recv(Connection, 1, 20000),
            ssl:close(Connection),
            case Answer of {ok, _} -> ok; Refused -> Refused end;
        Refused -> Refused
    end.

own(Directory) ->
    [{verify, verify_peer}, {active, false} |
     case Directory of
         "-" -> [];
         _ -> [{certfile, filename:join(Directory, "cert.pem")},
               {keyfile, filename:join(Directory, "key.pem")}]
     end].

certificates(File) ->
    {ok, Text} = file:read_file(File),
    [Der || {'Certificate', Der, not_encrypted} <- public_key:pem_decode(Text)].
