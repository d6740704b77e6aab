#!/usr/bin/env escript
%% Erlang's own ssl, asked of one file after another: a line of standard input is `distribution FILE` or `rabbitmq FILE`,
%% and the answer a line, empty where the file is taken. It listens with the options that a file has, and connects to itself.
-mode(compile).

main([]) ->
    logger:set_primary_config(level, none),
    ok = io:setopts([{encoding, unicode}]),
    {ok, _} = application:ensure_all_started(ssl),
    [Plugins | _] = filelib:wildcard("/usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins"),
    ok = code:add_pathsz(filelib:wildcard(Plugins ++ "/*/ebin")),
    % As if all plugins were enabled.
    Schemas = filelib:wildcard(Plugins ++ "/*/priv/schema/*.schema"),
    questions(cuttlefish_schema:files(Schemas), io:get_line("")).

questions(_, eof) -> ok;
questions(Schema, Line) ->
    [Kind, File] = string:lexemes(Line, " \n"),
    ok = file:set_cwd(filename:dirname(File)),
    % What fails must not end all, and with it ends all that it has opened.
    {Asked, Monitor} = spawn_monitor(fun() -> answer(Kind, File, Schema) end),
    receive
        {'DOWN', Monitor, process, Asked, normal} -> io:format("=~n");
        {'DOWN', Monitor, process, Asked, Why} -> io:format("=~0tp~n", [Why])
    end,
    questions(Schema, io:get_line("")).

%% As the distribution reads its options.
answer("distribution", File, _) ->
    All = ssl_dist_sup:consult(File),
    [Server, Client] = [proplists:get_value(Side, All, []) || Side <- [server, client]],
    shake_hands(ssl:listen(0, [{reuseaddr, true} | Server]), Client);
%% As RabbitMQ reads its file, by its schemas.
answer("rabbitmq", File, Schema) ->
    Read = case cuttlefish_conf:file(File) of
        {errorlist, Errors} -> exit(Errors);
        Lines -> cuttlefish_generator:map(Schema, Lines)
    end,
    is_list(Read) orelse exit(Read),
    [Clients, Administration] = [proplists:get_value(Part, Read, []) || Part <- [rabbit, rabbitmq_management]],
    proplists:get_value(ssl_listeners, Clients, []) == [] orelse listen(proplists:get_value(ssl_options, Clients, [])),
    % With any of its options it listens, even where it has no port.
    case proplists:get_value(ssl_config, Administration) of
        undefined -> ok;
        Options -> listen(proplists:delete(port, Options))
    end.

%% As RabbitMQ's listeners do.
listen(Options) ->
    Listener = ranch_ssl:listen(#{socket_opts => rabbit_ssl_options:fix(Options)}),
    Own = [{Name, "pki/certs/node2/" ++ File} || {Name, File} <- [{certfile, "cert.pem"}, {keyfile, "key.pem"}]],
    shake_hands(Listener, [{verify, verify_none} | Own]).

shake_hands({error, Why}, _) -> exit(Why);
shake_hands({ok, Listener}, Client) ->
    {ok, {_, Port}} = ssl:sockname(Listener),
    Self = self(),
    Server = spawn_link(fun() ->
        {ok, Socket} = ssl:transport_accept(Listener),
        Self ! ssl:handshake(Socket, 5000),
        receive stop -> ok end
    end),
    case ssl:connect("localhost", Port, Client, 5000) of {ok, _} -> ok; {error, Deaf} -> exit(Deaf) end,
    receive {ok, _} -> ok; {error, Refused} -> exit(Refused) end,
    Server ! stop,
    ssl:close(Listener).
