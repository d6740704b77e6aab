# Prints the syntax tree of each program of a folder as a line of JSON. Arguments: folder, number of files.
require 'json'

def plain(node)
  case node
  when RubyVM::AbstractSyntaxTree::Node then [node.type.to_s, *node.children.map { |child| plain(child) }]
  when Array then node.map { |child| plain(child) }
  when String then node
  else node.inspect
  end
end

folder, count = ARGV
count.to_i.times do |number|
  text = File.read("#{folder}/#{number}", encoding: 'UTF-8')
  begin
    puts JSON.generate(plain(RubyVM::AbstractSyntaxTree.parse(text)))
  rescue SyntaxError => error
    puts JSON.generate(error: error.message)
  end
end
